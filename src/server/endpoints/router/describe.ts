import type { z } from "zod";
import type { ClientResponse } from "../../../core/client-call.ts";
import { RouterError } from "../../../core/errors.ts";
import { setOwn } from "../../../core/json.ts";
import { type Endpoint, sendJson } from "../../call.ts";

/** A route under `/router`, with what its description in `/router/openapi.json` is made of. */
export interface RouterRoute {
  method: "GET" | "POST";
  /** As in `Route`. */
  path: string;
  summary: string;
  query?: z.ZodObject;
  /** What the body is, where it takes one. */
  body?: string;
  answer: z.ZodType;
  /** Statuses besides 200 that are its own, and what they say. */
  errors?: Readonly<Record<number, string>>;
  endpoint: Endpoint;
}

/** Answers 200 with what the schema says. Nothing of it is to be kept by anyone in between. */
export function sendShape<S extends z.ZodType<object>>(res: ClientResponse, _schema: S, body: z.output<S>): void {
  sendJson(res, 200, body, ["cache-control", "no-store"]);
}

/** Parameters that belong to the router as a whole: its key may come so. */
const COMMON = new Set(["api_key", "key"]);

/** The query as the schema says. Throws `bad_request` that names the first parameter which is wrong, or not known at all. */
export function readQuery<S extends z.ZodObject>(schema: S, search: URLSearchParams): z.output<S> {
  const given: Record<string, string> = {};
  for (const [name, value] of search) {
    if (COMMON.has(name)) continue;
    if (!Object.hasOwn(schema.shape, name)) {
      const known = Object.keys(schema.shape).join(", ");
      throw new RouterError("bad_request", `there is no parameter '${shown(name)}' here, only: ${known}`, {
        param: shown(name),
      });
    }
    if (Object.hasOwn(given, name))
      throw new RouterError("bad_request", `parameter '${name}' may be given once only`, { param: name });
    if (value !== "") setOwn(given, name, value);
  }
  const read = schema.safeParse(given);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const name = String(issue?.path[0] ?? "");
  const message = `parameter '${name}' = '${shown(given[name] ?? "")}': ${issue?.message ?? "is wrong"}`;
  throw new RouterError("bad_request", message, { param: name });
}

/** What a client wrote, fit for an error. */
function shown(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
