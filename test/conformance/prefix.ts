import { equal, ok } from "node:assert/strict";
import { asArray, isObject, type Json, type JsonObject } from "../../src/core/json.ts";
import type { UpstreamFormat } from "../support/upstream/answer.ts";

/** What a provider's prompt cache sees of a request, as JSON text: the tools, the system prompt, each message. */
export interface SentPrompt {
  tools: string;
  system: string;
  messages: string[];
  /** Every other field: some of them are part of the cache's key (reasoning, output shape). */
  rest: string;
}

const SYSTEM: Partial<Record<UpstreamFormat, string>> = {
  "openai-responses": "instructions",
  anthropic: "system",
  gemini: "systemInstruction",
};
const MESSAGES: Partial<Record<UpstreamFormat, string>> = { "openai-responses": "input", gemini: "contents" };
const MARKS = new Set(["cache_control", "prompt_cache_breakpoint"]);

export function sentPrompt(format: UpstreamFormat, body: JsonObject): SentPrompt {
  const [system, messages] = [SYSTEM[format] ?? "", MESSAGES[format] ?? "messages"];
  // `include` says what the answer is to hold; it is no part of the prompt.
  const { tools = [], [system]: said = null, [messages]: list = [], include: _, ...rest } = body;
  return {
    tools: JSON.stringify(tools),
    system: JSON.stringify(said),
    messages: (asArray(list) ?? []).map((message) => JSON.stringify(message)),
    rest: JSON.stringify(rest),
  };
}

/** Asserts that a prompt begins with all of the one before it, byte for byte. */
export function expectPrefix(earlier: SentPrompt, later: SentPrompt): void {
  equal(later.tools, earlier.tools, "the tools changed");
  equal(later.system, earlier.system, "the system prompt changed");
  equal(later.rest, earlier.rest, "a field beside the prompt changed");
  ok(later.messages.length > earlier.messages.length, "nothing was added");
  earlier.messages.forEach((message, at) => {
    equal(later.messages[at], message, `message ${at} of ${earlier.messages.length} changed`);
  });
}

/**
 * The body without cache marks, which may stand elsewhere in the next turn. A mark needs a part to stand on: content of one
 * part of text is the same prompt as that text alone.
 */
export function withoutMarks(body: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(body).map(([key, value]) => [key, strip(value ?? null)]));
}

function strip(value: Json): Json {
  if (Array.isArray(value)) return value.map(strip);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => !MARKS.has(key));
  return Object.fromEntries(
    kept.map(([key, inner]) => [key, key === "content" ? plain(strip(inner ?? null)) : strip(inner ?? null)]),
  );
}

function plain(content: Json): Json {
  const [only, ...more] = Array.isArray(content) ? content : [];
  return isObject(only) && only["type"] === "text" && more.length === 0 ? (only["text"] ?? null) : content;
}
