import { z } from "zod";
import { RouterError } from "../core/errors.ts";
import { isObject, setOwn } from "../core/json.ts";
import { DIALECTS } from "../core/part.ts";
import type { ChatRequest } from "../core/request.ts";
import type { ChatResponse } from "../core/response.ts";

/** What a plugin hands back is looked at before it goes on: the rest of the router relies on these shapes. */

const source = z.discriminatedUnion("kind", [
  z.looseObject({ kind: z.literal("base64"), mediaType: z.string(), data: z.string() }),
  z.looseObject({ kind: z.literal("url"), url: z.string() }),
  z.looseObject({ kind: z.literal("file"), dialect: z.enum(DIALECTS), id: z.string() }),
  z.looseObject({ kind: z.literal("text"), text: z.string() }),
]);
const kind = z.enum(["function", "custom"]);

const part: z.ZodType = z.discriminatedUnion("type", [
  z.looseObject({ type: z.literal("text"), text: z.string() }),
  z.looseObject({ type: z.literal("image"), source }),
  z.looseObject({ type: z.literal("document"), source }),
  z.looseObject({ type: z.literal("audio"), data: z.string(), format: z.string() }),
  z.looseObject({ type: z.literal("tool-call"), id: z.string(), name: z.string(), arguments: z.string(), kind }),
  z.looseObject({
    type: z.literal("tool-result"),
    callId: z.string(),
    isError: z.boolean(),
    parts: z.array(z.lazy(() => part)),
  }),
  z.looseObject({ type: z.literal("reasoning"), text: z.string() }),
  z.looseObject({ type: z.literal("refusal"), text: z.string() }),
  z.looseObject({ type: z.literal("opaque"), dialect: z.enum(DIALECTS), what: z.string() }),
]);
const parts = z.array(part);
const object = z.looseObject({});

const requestSchema = z.looseObject({
  model: z.string().min(1),
  system: parts,
  messages: z.array(z.looseObject({ role: z.enum(["system", "user", "assistant", "tool"]), parts })),
  tools: z.array(
    z.discriminatedUnion("kind", [
      z.looseObject({ kind, name: z.string().min(1) }),
      z.looseObject({ kind: z.literal("hosted"), dialect: z.enum(DIALECTS), type: z.string(), value: object }),
    ]),
  ),
  sampling: object,
  cache: object,
  identity: object,
  extra: object,
  maxOutputTokens: z.number().optional(),
});

const responseSchema = z.looseObject({
  id: z.string(),
  model: z.string(),
  parts,
  finish: z.looseObject({
    reason: z.enum(["stop", "stop_sequence", "length", "context", "tool_calls", "refusal", "pause", "other"]),
  }),
});

/** A plugin's request in place of another: what it is and how it is answered stays. Throws naming what is wrong. */
export function checkedRequest(value: unknown, before: ChatRequest): ChatRequest {
  const { dialect, stream, includeUsage, plugins } = before;
  return { ...asShape(requestSchema, value, "request"), dialect, stream, includeUsage, plugins };
}

/** A plugin's answer. Throws naming what is wrong. */
export function checkedResponse(value: unknown): ChatResponse {
  return asShape(responseSchema, value, "response");
}

function asShape(schema: typeof requestSchema, value: unknown, what: string): ChatRequest;
function asShape(schema: typeof responseSchema, value: unknown, what: string): ChatResponse;
function asShape(schema: z.ZodType, value: unknown, what: string): unknown {
  const copy = copyOf(value);
  const result = schema.safeParse(copy);
  // The parsed one lacks what is called `__proto__`.
  if (result.success) return copy;
  const [issue] = result.error.issues;
  throw new TypeError(`its ${what} is none: ${[what, ...(issue?.path ?? [])].join(".")}: ${issue?.message}`);
}

/** No client nests so deeply; what walks a request runs out of stack not much later. */
const MAX_DEPTH = 1_000;

/**
 * A copy as deep as the value, but for strings, of which there is one: a request is copied in microseconds, whatever it attaches.
 * Throws `bad_request` for what is nested too deeply.
 */
export function copyOf<T>(value: T, depth?: number): T;
export function copyOf(value: unknown, depth = 0): unknown {
  if (depth > MAX_DEPTH)
    throw new RouterError(
      "bad_request",
      `the request is nested more than ${MAX_DEPTH} levels deep, too deep for plugins`,
    );
  if (Array.isArray(value)) return value.map((item: unknown) => copyOf(item, depth + 1));
  if (!isObject(value)) return value;
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const inner = copyOf(value[key], depth + 1);
    setOwn(copy, key, inner);
  }
  return copy;
}
