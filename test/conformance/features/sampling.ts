import { deepEqual, equal, match } from "node:assert/strict";
import type { JsonObject } from "../../../src/core/json.ts";
import { ASK_ALL, CHAT_CLIENTS, type Feature, finishWord, lost } from "../feature.ts";

const GEMINIS: Record<string, string> = {
  temperature: "temperature",
  top_p: "topP",
  seed: "seed",
  frequency_penalty: "frequencyPenalty",
  presence_penalty: "presencePenalty",
  stop: "stopSequences",
};

/** The same fields for the OpenAI-like clients, and in `options` for Ollama's. */
function sampled(fields: JsonObject): Feature["ask"] {
  return {
    openai: fields,
    "openai-completions": fields,
    ollama: { options: fields },
    "ollama-generate": { options: fields },
    gemini: {
      generationConfig: Object.fromEntries(Object.entries(fields).map(([key, value]) => [GEMINIS[key], value])),
    },
  };
}

export const SAMPLING: Feature[] = [
  {
    name: "temperature and top_p",
    ask: {
      ...sampled({ temperature: 0.5, top_p: 0.9 }),
      "openai-responses": { temperature: 0.5, top_p: 0.9 },
      anthropic: { temperature: 0.5, top_p: 0.9 },
    },
    seen(seen) {
      equal(seen.options["temperature"], 0.5);
      equal(seen.options["top_p"], 0.9);
    },
  },
  {
    name: "a temperature above one is clamped where one is the limit",
    ask: { ...sampled({ temperature: 1.4 }), "openai-responses": { temperature: 1.4 } },
    losses: (pair) => lost(pair, /^(options\.|generationConfig\.)?temperature/, "anthropic"),
    seen: (seen, pair) => equal(seen.options["temperature"], pair.provider === "anthropic" ? 1 : 1.4),
  },
  {
    name: "no sampling is invented",
    ask: ASK_ALL,
    seen(seen) {
      const { max_tokens: _, ...options } = seen.options;
      deepEqual(options, {});
      deepEqual([seen.toolChoice, seen.output, seen.reasoning, seen.tools], [undefined, undefined, undefined, []]);
    },
  },
  {
    name: "seed",
    ask: sampled({ seed: 7 }),
    losses: (pair) => lost(pair, /seed/, "openai-responses", "anthropic"),
    seen: (seen, pair) => equal(seen.options["seed"], /^(openai|gemini|ollama)$/.test(pair.provider) ? 7 : undefined),
  },
  {
    name: "penalties",
    ask: sampled({ frequency_penalty: 0.3, presence_penalty: 0.4 }),
    losses: (pair) =>
      !pair.same && ["openai-responses", "anthropic"].includes(pair.provider)
        ? { must: [/frequency_?penalty/i, /presence_?penalty/i] }
        : {},
    seen(seen, pair) {
      const takes = /^(openai|gemini|ollama)$/.test(pair.provider);
      equal(seen.options["frequency_penalty"], takes ? 0.3 : undefined);
      equal(seen.options["presence_penalty"], takes ? 0.4 : undefined);
    },
  },
  {
    name: "top_k",
    ask: {
      anthropic: { top_k: 20 },
      ollama: { options: { top_k: 20 } },
      gemini: { generationConfig: { topK: 20 } },
    },
    losses: (pair) => lost(pair, /top_?k/i, "openai", "openai-responses"),
    seen: (seen, pair) => equal(seen.options["top_k"], /anthropic|gemini|ollama/.test(pair.provider) ? 20 : undefined),
  },
  {
    name: "stop sequences",
    ask: { ...sampled({ stop: ["END", "STOP"] }), anthropic: { stop_sequences: ["END", "STOP"] } },
    losses: (pair) => lost(pair, /stop/, "openai-responses"),
    seen(seen, pair) {
      deepEqual(seen.options["stop"], pair.provider === "openai-responses" ? undefined : ["END", "STOP"]);
    },
  },
  {
    name: "the output limit, met",
    answer: { text: "this is not all", finish: "length" },
    ask: {
      openai: { max_completion_tokens: 50 },
      "openai-completions": { max_tokens: 50 },
      "openai-responses": { max_output_tokens: 50 },
      anthropic: { max_tokens: 50 },
      ollama: { options: { num_predict: 50 } },
      "ollama-generate": { options: { num_predict: 50 } },
      gemini: { generationConfig: { maxOutputTokens: 50 } },
    },
    seen: (seen) => equal(seen.options["max_tokens"], 50),
    heard(heard, pair) {
      equal(heard.error?.message, undefined);
      equal(heard.text, "this is not all");
      match(heard.finish ?? "", finishWord(pair.client, "length"));
    },
  },
  {
    name: "user and metadata",
    ask: {
      openai: { user: "u-1", metadata: { run: "7" } },
      "openai-responses": { safety_identifier: "u-1", metadata: { run: "7" } },
      anthropic: { metadata: { user_id: "u-1" } },
    },
    seen(seen, pair) {
      equal(seen.user, /gemini|ollama/.test(pair.provider) ? undefined : "u-1");
      // OpenAI's Chat takes metadata only for answers it stores, which no other API's client has asked for.
      const carries = pair.client === "openai" && pair.provider === "openai-responses";
      deepEqual(seen.metadata, carries ? { run: "7" } : undefined);
    },
  },
  {
    name: "fields nobody knows",
    ask: Object.fromEntries(CHAT_CLIENTS.map((client) => [client, { shoe_size: 43 }])),
    losses: (pair) => (pair.same ? {} : { must: [/shoe_size/] }),
  },
];
