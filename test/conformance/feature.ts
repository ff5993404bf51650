import type { JsonObject } from "../../src/core/json.ts";
import type { ClientFormat, Heard } from "../support/clients/heard.ts";
import type { ProviderFormat } from "../support/fleet.ts";
import type { Seen } from "../support/seen/seen.ts";
import type { Script } from "../support/upstream/upstream.ts";

/** One cell of the matrix. */
export interface Pair {
  client: ClientFormat;
  provider: ProviderFormat;
  stream: boolean;
  /** Client and provider speak the same API: the client's bytes go through. */
  same: boolean;
}

/** Something clients ask for or providers answer, and how it must look on the other side of every pair. */
export interface Feature {
  name: string;
  /** The clients that can ask for it: fields laid over a plain request. */
  ask: Partial<Record<ClientFormat, JsonObject | undefined>>;
  answer?: Script;
  /** Also against the simulated provider, whose answer nobody scripts. */
  simulated?: boolean;
  only?: "whole" | "stream";
  /** What the provider must have been asked. Not called where the bytes pass through: there, equality is checked. */
  seen?: (seen: Seen, pair: Pair) => void;
  /** What the client must have got. Without it: the answer's text, and no error. */
  heard?: (heard: Heard, pair: Pair) => void;
  /** Fields that X-Router-Losses must name, and those it may name as well. */
  losses?: (pair: Pair) => { must?: RegExp[]; may?: RegExp[] };
  /** The request cannot be sent at all: answered with 400, with a message like this. */
  refused?: (pair: Pair) => RegExp | undefined;
}

/** The same thing for every client that talks in messages. */
export const CHAT_CLIENTS = ["openai", "openai-responses", "anthropic", "ollama", "gemini"] as const;

/** A plain request of every API, to lay the fields of a feature over. */
export const PLAIN: Record<ClientFormat, JsonObject> = {
  openai: { messages: [{ role: "user", content: "hi" }] },
  "openai-responses": { input: "hi" },
  anthropic: { max_tokens: 1000, messages: [{ role: "user", content: "hi" }] },
  ollama: { messages: [{ role: "user", content: "hi" }] },
  "openai-completions": { prompt: "hi" },
  "ollama-generate": { prompt: "hi" },
  gemini: { contents: [{ role: "user", parts: [{ text: "hi" }] }] },
};

/** Asked of every client without any field of its own. */
export const ASK_ALL: Record<ClientFormat, JsonObject> = {
  openai: {},
  "openai-responses": {},
  anthropic: {},
  ollama: {},
  "openai-completions": {},
  "ollama-generate": {},
  gemini: {},
};
export const ASK_CHATS = { openai: {}, "openai-responses": {}, anthropic: {}, ollama: {}, gemini: {} };

/** Why an answer ended, in the words of each client's API. */
const FINISH: Record<ClientFormat, Record<"stop" | "length" | "tool_calls" | "refusal", RegExp>> = {
  openai: { stop: /^stop$/, length: /^length$/, tool_calls: /^tool_calls$/, refusal: /^(content_filter|stop)$/ },
  "openai-responses": {
    stop: /^completed$/,
    length: /^incomplete:max_output_tokens$/,
    tool_calls: /^completed$/,
    refusal: /^(completed|incomplete:content_filter)$/,
  },
  anthropic: { stop: /^end_turn$/, length: /^max_tokens$/, tool_calls: /^tool_use$/, refusal: /^refusal$/ },
  ollama: { stop: /^stop$/, length: /^length$/, tool_calls: /^stop$/, refusal: /^stop$/ },
  "openai-completions": {
    stop: /^stop$/,
    length: /^length$/,
    tool_calls: /^stop$/,
    refusal: /^(content_filter|stop)$/,
  },
  "ollama-generate": { stop: /^stop$/, length: /^length$/, tool_calls: /^stop$/, refusal: /^stop$/ },
  gemini: { stop: /^STOP$/, length: /^MAX_TOKENS$/, tool_calls: /^STOP$/, refusal: /^(SAFETY|STOP)$/ },
};

export function finishWord(client: ClientFormat, reason: "stop" | "length" | "tool_calls" | "refusal"): RegExp {
  return FINISH[client][reason];
}

/** Whether a pair is among those that lose something: the provider is one of these, and the bytes do not pass through. */
export function lost(pair: Pair, field: RegExp, ...providers: ProviderFormat[]): { must?: RegExp[] } {
  return !pair.same && providers.includes(pair.provider) ? { must: [field] } : {};
}
