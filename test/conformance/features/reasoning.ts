import { deepEqual, equal, ok } from "node:assert/strict";
import { itemsWith } from "../../support/seen/seen.ts";
import { CHAT_CLIENTS, type Feature, lost } from "../feature.ts";
import { withTools } from "./tools.ts";

const THOUGHT = "Let me think about it.";
const STATE = "c2lnbmVkIGJ5IHRoZSB1cHN0cmVhbQ==";
const ASKED = { role: "user", content: "hi" };

export const REASONING: Feature[] = [
  {
    name: "thinking, then text",
    answer: { thinking: { text: THOUGHT, state: STATE }, text: "hello" },
    ask: Object.fromEntries(CHAT_CLIENTS.map((client) => [client, {}])),
    heard(heard, pair) {
      equal(heard.error?.message, undefined);
      equal(heard.text, "hello");
      equal(heard.thinking, THOUGHT);
      if (pair.same && /anthropic|responses/.test(pair.client)) equal(heard.state, STATE);
    },
  },
  {
    name: "thinking, then text and a call",
    answer: {
      thinking: { text: THOUGHT, state: STATE },
      text: "one moment",
      toolCalls: [{ id: "call_1", name: "clock", args: '{"zone":"UTC"}' }],
    },
    ask: withTools(),
    heard(heard) {
      equal(heard.error?.message, undefined);
      equal(heard.text, "one moment");
      equal(heard.thinking, THOUGHT);
      deepEqual(
        heard.toolCalls.map((call) => call.name),
        ["clock"],
      );
    },
  },
  {
    name: "signed thinking sent back",
    ask: {
      anthropic: {
        messages: [
          ASKED,
          {
            role: "assistant",
            content: [
              { type: "thinking", thinking: THOUGHT, signature: STATE },
              { type: "text", text: "hello" },
            ],
          },
          { role: "user", content: "go on" },
        ],
      },
      "openai-responses": {
        input: [
          ASKED,
          {
            type: "reasoning",
            id: "rs_1",
            summary: [{ type: "summary_text", text: THOUGHT }],
            encrypted_content: STATE,
          },
          { type: "message", role: "assistant", content: [{ type: "output_text", text: "hello", annotations: [] }] },
          { role: "user", content: "go on" },
        ],
      },
      gemini: {
        contents: [
          { role: "user", parts: [{ text: "hi" }] },
          {
            role: "model",
            parts: [
              { text: THOUGHT, thought: true },
              { text: "hello", thoughtSignature: STATE },
            ],
          },
          { role: "user", parts: [{ text: "go on" }] },
        ],
      },
    },
    losses: (pair) => (pair.same ? {} : { may: [/thinking|reasoning|signature|encrypted|messages|input/] }),
    seen(seen) {
      // A state is never shown to a provider that did not make it.
      for (const item of itemsWith(seen, "thinking")) ok(item["state"] === undefined, "a foreign signature was sent");
      const said = itemsWith(seen, "text").map((item) => item["text"]);
      deepEqual(said, ["hi", "hello", "go on"]);
    },
  },
  {
    name: "effort",
    ask: {
      openai: { reasoning_effort: "low" },
      "openai-responses": { reasoning: { effort: "low" } },
      anthropic: { output_config: { effort: "low" } },
      ollama: { think: "low" },
      gemini: { generationConfig: { thinkingConfig: { thinkingLevel: "LOW" } } },
    },
    // A model that is told a budget is told the least there is.
    seen: (seen) => ok(seen.reasoning === "low" || seen.reasoning === 1024, String(seen.reasoning)),
  },
  {
    name: "thinking with a budget",
    ask: {
      anthropic: { max_tokens: 8000, thinking: { type: "enabled", budget_tokens: 4000 } },
      gemini: { generationConfig: { maxOutputTokens: 8000, thinkingConfig: { thinkingBudget: 4000 } } },
    },
    losses: (pair) => (pair.same ? {} : { may: [/thinking|budget|reasoning/] }),
    seen: (seen, pair) => {
      if (pair.provider === "anthropic") equal(seen.reasoning, 4000);
      else ok(seen.reasoning === true || typeof seen.reasoning === "string", String(seen.reasoning));
    },
  },
  {
    name: "verbosity",
    ask: { openai: { verbosity: "low" }, "openai-responses": { text: { verbosity: "low" } } },
    // Servers of OpenAI's API mostly do not know it: it goes only to models known to take it.
    losses: (pair) =>
      pair.provider === "openai" ? { may: [/verbosity/] } : lost(pair, /verbosity/, "anthropic", "gemini", "ollama"),
  },
];
