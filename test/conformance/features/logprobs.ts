import { deepEqual, equal } from "node:assert/strict";
import type { Feature } from "../feature.ts";

const TOKENS = [
  {
    token: "Hell",
    logprob: -0.25,
    top: [
      ["Hell", -0.25],
      ["x", -3],
    ],
  },
  {
    token: "o, y",
    logprob: -0.5,
    top: [
      ["o, y", -0.5],
      ["x", -3],
    ],
  },
  {
    token: "ou",
    logprob: -0.75,
    top: [
      ["ou", -0.75],
      ["x", -3],
    ],
  },
];

export const LOGPROBS: Feature[] = [
  {
    name: "log probabilities",
    answer: { text: "Hello, you", logprobs: true },
    ask: {
      openai: { logprobs: true, top_logprobs: 2 },
      "openai-responses": { include: ["message.output_text.logprobs"], top_logprobs: 2 },
      ollama: { logprobs: true, top_logprobs: 2 },
      "ollama-generate": { logprobs: true, top_logprobs: 2 },
      gemini: { generationConfig: { responseLogprobs: true, logprobs: 2 } },
    },
    refused: (pair) => (pair.provider === "anthropic" ? /logprobs/i : undefined),
    seen: (seen) => equal(seen.logprobs, 2),
    heard(heard) {
      equal(heard.error?.message, undefined);
      equal(heard.text, "Hello, you");
      deepEqual(heard.logprobs, TOKENS);
    },
  },
];
