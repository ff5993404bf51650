import { isUtf8 } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { RouterError } from "../core/errors.ts";
import { isObject, type Json, type JsonObject } from "../core/json.ts";
import { checkShape } from "./body-shape.ts";

/** Reads the whole body, at most `limit` bytes. Rejects with `RouterError` when it is larger, or the client leaves. */
export function readBody(req: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const tooLarge = () => new RouterError("body_too_large", `the request body is larger than ${limit} bytes`);
    if (Number(req.headers["content-length"]) > limit) return reject(tooLarge());
    const chunks: Buffer[] = [];
    let bytes = 0;
    req.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > limit) {
        req.pause();
        reject(tooLarge());
      } else chunks.push(chunk);
    });
    req.on("end", () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    req.on("error", () => reject(new RouterError("bad_request", "the request body ended early")));
  });
}

/** The body as a JSON object; one of a hostile shape is refused unparsed. Invalid UTF-8 is refused: what we read and what a provider reads must not differ. */
export function parseBody(raw: Buffer): JsonObject {
  if (!isUtf8(raw)) throw new RouterError("bad_request", "the request body is not valid UTF-8");
  checkShape(raw);
  let value: Json;
  try {
    value = JSON.parse(raw.toString("utf8"));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new RouterError("bad_request", `the request body is not JSON: ${why.slice(0, 200)}`);
  }
  if (!isObject(value)) throw new RouterError("bad_request", "the request body is not a JSON object");
  return value;
}
