import { isUtf8 } from "node:buffer";
import { DEFAULT_BODY_ITEMS } from "../config/server.ts";
import type { ClientRequest } from "../core/client-call.ts";
import { RouterError } from "../core/errors.ts";
import { isObject, type Json, type JsonObject } from "../core/json.ts";
import { checkShape } from "./body-shape.ts";
import { keysIn, misspelt } from "./one-reading.ts";

/** How much of a body is taken. */
export interface BodyLimits {
  readonly bytes: number;
  /** Messages, their parts, calls and tools together. */
  readonly items: number;
}

/** The body of a request as JSON. Rejects with `RouterError` for one that is not taken. */
export async function readJson(req: ClientRequest, { bytes, items }: BodyLimits): Promise<Body> {
  return parseBody(await readBody(req, bytes), items);
}

/** Reads the whole body, at most `limit` bytes. Rejects with `RouterError` when it is larger or compressed, or the client leaves. */
export function readBody(req: ClientRequest, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const encoded = refusedEncoding(req.headers["content-encoding"]);
    if (encoded !== undefined) return reject(encoded);
    const tooLarge = () => new RouterError("body_too_large", `the request body is larger than ${limit} bytes`);
    if (Number(req.headers["content-length"]) > limit) return reject(tooLarge());
    const chunks: Buffer[] = [];
    let bytes = 0;
    const take = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > limit) {
        req.off("data", take).pause();
        reject(tooLarge());
      } else chunks.push(chunk);
    };
    req.on("data", take);
    req.on("end", () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    req.on("error", () => reject(new RouterError("bad_request", "the request body ended early")));
  });
}

/** No body is ever inflated: a few bytes would become very many. */
function refusedEncoding(encoding: string | undefined): RouterError | undefined {
  if (encoding === undefined || encoding === "" || encoding.toLowerCase() === "identity") return undefined;
  const told = JSON.stringify(encoding.slice(0, 100));
  const message = `the request has content-encoding: ${told.slice(1, -1)}, and the router takes no compressed bodies: send it as it is, without that header`;
  return new RouterError("encoded_body", message);
}

export interface Body {
  /** What may be sent on in the place of `body`: it is read like it by whoever reads it. */
  raw: Buffer;
  body: JsonObject;
}

/**
 * The body as a JSON object. What we read and what a provider reads must not differ: invalid UTF-8 is refused, and so are keys that
 * some parsers take for others. One of a hostile shape is refused unparsed.
 */
export function parseBody(raw: Buffer, maxItems = DEFAULT_BODY_ITEMS): Body {
  if (!isUtf8(raw)) throw new RouterError("bad_request", "the request body is not valid UTF-8");
  const text = raw.toString("utf8");
  const keys = checkShape(text, maxItems);
  let value: Json;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new RouterError("bad_request", `the request body is not JSON: ${why.slice(0, 200)}`);
  }
  if (!isObject(value)) throw new RouterError("bad_request", "the request body is not a JSON object");
  const twin = misspelt(value);
  if (twin !== undefined)
    throw new RouterError(
      "bad_request",
      `the request body has the key ${JSON.stringify(twin.slice(0, 200))}, which some parsers take for another`,
    );
  // Of keys that stand there twice each parser takes another one: only ours go on.
  return { raw: keysIn(value) === keys ? raw : Buffer.from(JSON.stringify(value)), body: value };
}
