import { deepEqual, equal, match, ok } from "node:assert/strict";
import { ASK_CHATS, CHAT_CLIENTS, type Feature, finishWord, lost } from "../feature.ts";

// Keys in an order no sorting would give: schemas are part of the prompt cache's key.
const SCHEMA = {
  type: "object",
  properties: { zeta: { type: "string" }, alpha: { type: "integer", minimum: 1 } },
  required: ["zeta", "alpha"],
  additionalProperties: false,
};
const ANSWER = { text: '{"zeta":"z","alpha":2}' };
const MARK = { cache_control: { type: "ephemeral" } };

export const OUTPUT: Feature[] = [
  {
    name: "output by a JSON schema",
    answer: ANSWER,
    ask: {
      openai: {
        response_format: { type: "json_schema", json_schema: { name: "shape", strict: true, schema: SCHEMA } },
      },
      "openai-responses": { text: { format: { type: "json_schema", name: "shape", strict: true, schema: SCHEMA } } },
      anthropic: { output_config: { format: { type: "json_schema", schema: SCHEMA } } },
      ollama: { format: SCHEMA },
      "ollama-generate": { format: SCHEMA },
      gemini: { generationConfig: { responseMimeType: "application/json", responseJsonSchema: SCHEMA } },
    },
    seen: (seen) => equal(JSON.stringify(seen.output), JSON.stringify(SCHEMA)),
  },
  {
    name: "output as any JSON object",
    answer: ANSWER,
    ask: {
      openai: { response_format: { type: "json_object" } },
      "openai-responses": { text: { format: { type: "json_object" } } },
      ollama: { format: "json" },
      "ollama-generate": { format: "json" },
      gemini: { generationConfig: { response_mime_type: "application/json" } },
    },
    losses: (pair) => lost(pair, /response_format|format|json_object|output/, "anthropic"),
    seen(seen, pair) {
      if (pair.provider !== "anthropic") equal(seen.output, "json");
    },
  },
  {
    name: "cache marks",
    ask: {
      anthropic: {
        system: [{ type: "text", text: "long", ...MARK }],
        messages: [{ role: "user", content: [{ type: "text", text: "hi", ...MARK }] }],
      },
      openai: {
        messages: [
          {
            role: "user",
            content: [{ type: "text", text: "hi", prompt_cache_breakpoint: { mode: "explicit", ttl: "30m" } }],
          },
        ],
      },
    },
    losses: (pair) => (pair.same ? {} : { may: [/cache/] }),
    seen(seen, pair) {
      const marks = pair.client === "anthropic" ? 2 : 1;
      // OpenAI's instructions string has no room for a mark; a developer item has.
      const least = pair.provider === "ollama" ? 0 : marks;
      ok(seen.marks <= marks && (pair.provider !== "anthropic" || seen.marks === least), `${seen.marks} marks`);
    },
  },
  {
    name: "usage with cached and reasoning tokens",
    answer: { text: "counted", usage: { input: 100, output: 40, cachedRead: 60, cacheWrite: 10, reasoning: 15 } },
    ask: {
      openai: { stream_options: { include_usage: true } },
      "openai-responses": {},
      anthropic: {},
      ollama: {},
      gemini: {},
    },
    heard(heard, pair) {
      equal(heard.error?.message, undefined);
      const { usage } = heard;
      equal(usage?.input, 100, `input of ${JSON.stringify(usage)}`);
      equal(usage.output, 40);
      equal(usage.cachedRead, 60);
      const carries = (format: string): boolean => format !== "ollama";
      if (!carries(pair.client) || !carries(pair.provider)) return;
      // Gemini caches by itself and does not tell what it writes.
      const told = pair.provider !== "gemini" && pair.client !== "gemini";
      deepEqual([usage.cacheWrite ?? 0, usage.reasoning], [told ? 10 : 0, 15]);
    },
  },
  {
    name: "no usage in a stream that did not ask for it",
    only: "stream",
    ask: { openai: {}, "openai-completions": {} },
    heard(heard) {
      equal(heard.error?.message, undefined);
      equal(heard.usage, undefined);
      ok(!heard.raw.includes('"usage":{'), heard.raw);
    },
  },
  {
    name: "a stop sequence that was met",
    answer: { text: "up to here", finish: "stop_sequence", stopSequence: "END" },
    ask: ASK_CHATS,
    heard(heard, pair) {
      equal(heard.error?.message, undefined);
      equal(heard.text, "up to here");
      const named = pair.client === "anthropic" && pair.provider === "anthropic";
      match(heard.finish ?? "", named ? /^stop_sequence:END$/ : finishWord(pair.client, "stop"));
    },
  },
  {
    name: "refusal",
    answer: { refusal: "I will not do that." },
    ask: Object.fromEntries(CHAT_CLIENTS.map((client) => [client, {}])),
    heard(heard, pair) {
      equal(heard.error?.message, undefined);
      equal(heard.refusal + heard.text, "I will not do that.");
      if (pair.provider === "ollama" || pair.client === "ollama") return;
      const words = /content_filter|refusal|SAFETY/;
      ok(heard.refusal !== "" || words.test(heard.finish ?? ""), `nothing says it is a refusal: ${heard.finish}`);
    },
  },
  {
    name: "citations",
    answer: {
      text: "It rains, says the paper.",
      citations: [{ url: "https://paper.test/rain", title: "The Paper", cited: "It rains" }],
    },
    ask: Object.fromEntries(CHAT_CLIENTS.map((client) => [client, {}])),
    // Not every API has a place for them in its answers, or for the search Gemini tells of beside them.
    losses: (pair) => ({ may: pair.same ? [] : [/^citations/, /^groundingMetadata/] }),
    heard(heard, pair) {
      equal(heard.error?.message, undefined);
      equal(heard.text, "It rains, says the paper.");
      const carries = pair.provider !== "ollama" && pair.client !== "ollama";
      deepEqual(heard.citations, carries ? [{ url: "https://paper.test/rain", title: "The Paper" }] : []);
    },
  },
];
