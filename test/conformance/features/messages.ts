import { deepEqual, equal, ok } from "node:assert/strict";
import type { JsonObject } from "../../../src/core/json.ts";
import { itemsWith, type Seen } from "../../support/seen/seen.ts";
import { ASK_ALL, type Feature } from "../feature.ts";

const UNICODE = 'grüße, 你好, 🎉🏽, \u2028 and "quotes" \\ \n in it';

function systemText(seen: Seen): string {
  return itemsWith(seen, "text")
    .filter((item) => item["role"] === "system")
    .map((item) => item["text"])
    .join("\n\n");
}

const TURNS = [
  { role: "user", content: "one" },
  { role: "assistant", content: "two" },
  { role: "user", content: "three" },
];
const SAID = [
  { role: "user", text: "one" },
  { role: "assistant", text: "two" },
  { role: "user", text: "three" },
];
/** Turns as Gemini writes them. */
function contents(...texts: string[]): JsonObject[] {
  return texts.map((text, at) => ({ role: at % 2 === 0 ? "user" : "model", parts: [{ text }] }));
}
const MIDDLE = { role: "system", content: "be brief" };
const WITH_MIDDLE = [...TURNS, MIDDLE, { role: "user", content: "four" }];

export const MESSAGES: Feature[] = [
  {
    name: "plain text",
    ask: ASK_ALL,
    simulated: true,
    seen: (seen) => deepEqual(seen.items, [{ role: "user", text: "hi" }]),
  },
  {
    name: "system as a string",
    simulated: true,
    ask: {
      openai: {
        messages: [
          { role: "system", content: "be brief" },
          { role: "user", content: "hi" },
        ],
      },
      "openai-responses": { instructions: "be brief" },
      anthropic: { system: "be brief" },
      ollama: {
        messages: [
          { role: "system", content: "be brief" },
          { role: "user", content: "hi" },
        ],
      },
      "ollama-generate": { system: "be brief" },
      gemini: { systemInstruction: { parts: [{ text: "be brief" }] } },
    },
    seen(seen) {
      deepEqual(seen.items, [
        { role: "system", text: "be brief" },
        { role: "user", text: "hi" },
      ]);
    },
  },
  {
    name: "system in several blocks and messages",
    ask: {
      openai: {
        messages: [
          {
            role: "system",
            content: [
              { type: "text", text: "one" },
              { type: "text", text: "two" },
            ],
          },
          { role: "developer", content: "three" },
          { role: "user", content: "hi" },
        ],
      },
      "openai-responses": {
        instructions: "one",
        input: [
          { role: "developer", content: [{ type: "input_text", text: "two" }] },
          { type: "message", role: "system", content: "three" },
          { role: "user", content: "hi" },
        ],
      },
      anthropic: {
        system: [
          { type: "text", text: "one" },
          { type: "text", text: "two" },
          { type: "text", text: "three" },
        ],
      },
      ollama: {
        messages: [
          { role: "system", content: "one" },
          { role: "system", content: "two\n\nthree" },
          { role: "user", content: "hi" },
        ],
      },
      gemini: { system_instruction: { role: "user", parts: [{ text: "one" }, { text: "two" }, { text: "three" }] } },
    },
    seen(seen) {
      equal(systemText(seen), "one\n\ntwo\n\nthree");
      deepEqual(seen.items.at(-1), { role: "user", text: "hi" });
    },
  },
  {
    name: "system in mid-conversation",
    ask: {
      openai: { messages: WITH_MIDDLE },
      "openai-responses": { input: WITH_MIDDLE },
      anthropic: { messages: WITH_MIDDLE },
      ollama: { messages: WITH_MIDDLE },
    },
    // Anthropic takes it in its place only from newer models on: there it may stand in a user turn, and is then told.
    losses: (pair) => (/anthropic|gemini/.test(pair.provider) && !pair.same ? { may: [/messages|system/] } : {}),
    seen(seen) {
      const place = seen.items.findIndex((item) => String(item["text"]).includes("be brief"));
      equal(place, 3, "the message moved");
      deepEqual(seen.items.slice(0, 3), SAID);
      ok(String(seen.items.at(-1)?.["text"]).includes("four"));
    },
  },
  {
    name: "several turns",
    ask: {
      openai: { messages: TURNS },
      "openai-responses": { input: TURNS },
      anthropic: { messages: TURNS },
      ollama: { messages: TURNS },
      gemini: { contents: contents("one", "two", "three") },
    },
    simulated: true,
    seen: (seen) => deepEqual(seen.items, SAID),
  },
  {
    name: "two user messages in a row, content in parts",
    ask: {
      openai: {
        messages: [
          { role: "user", content: [{ type: "text", text: "one" }] },
          { role: "user", content: "two" },
        ],
      },
      "openai-responses": {
        input: [
          { type: "message", role: "user", content: [{ type: "input_text", text: "one" }] },
          { role: "user", content: "two" },
        ],
      },
      anthropic: {
        messages: [
          { role: "user", content: [{ type: "text", text: "one" }] },
          { role: "user", content: "two" },
        ],
      },
      ollama: {
        messages: [
          { role: "user", content: "one" },
          { role: "user", content: "two" },
        ],
      },
      gemini: { contents: [...contents("one"), ...contents("two")] },
    },
    seen(seen) {
      deepEqual(seen.items, [
        { role: "user", text: "one" },
        { role: "user", text: "two" },
      ]);
    },
  },
  {
    name: "messages with nothing in them",
    ask: {
      openai: {
        messages: [
          { role: "user", content: "one" },
          { role: "assistant", content: "" },
          {
            role: "user",
            content: [
              { type: "text", text: "" },
              { type: "text", text: "two" },
            ],
          },
        ],
      },
      ollama: {
        messages: [
          { role: "user", content: "one" },
          { role: "assistant", content: "" },
          { role: "user", content: "two" },
        ],
      },
      gemini: { contents: [...contents("one", ""), { parts: [{ text: "" }, { text: "two" }] }] },
    },
    // Anthropic refuses an empty block; the others may be sent one.
    seen(seen) {
      const said = itemsWith(seen, "text").map((item) => item["text"]);
      deepEqual(
        said.filter((text) => text !== "" && text !== "(empty)"),
        ["one", "two"],
      );
    },
  },
  {
    name: "unicode both ways",
    answer: { text: UNICODE },
    ask: {
      openai: { messages: [{ role: "user", content: UNICODE }] },
      "openai-responses": { input: UNICODE },
      anthropic: { messages: [{ role: "user", content: UNICODE }] },
      ollama: { messages: [{ role: "user", content: UNICODE }] },
      "openai-completions": { prompt: UNICODE },
      "ollama-generate": { prompt: UNICODE },
      gemini: { contents: contents(UNICODE) },
    },
    seen: (seen) => deepEqual(seen.items, [{ role: "user", text: UNICODE }]),
  },
];
