import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { Json, JsonObject } from "../../../src/core/json.ts";
import { itemsWith, type Seen } from "../../support/seen/seen.ts";
import type { Feature } from "../feature.ts";
import { PNG, PNG_URL } from "./media.ts";
import { withTools } from "./tools.ts";

const ARGS = { zone: "Europe/Berlin", at: 2 };
const TEXT_ARGS = JSON.stringify(ARGS);
const ODD_ID = `functions.clock:0/${"x".repeat(70)}`;
const ASKED = { role: "user", content: "what time is it?" };

/** A conversation that ends in results, as each client keeps it. `content` of the assistant's turn is empty, as clients send it. */
function history(results: {
  chat: Json[];
  responses: JsonObject[];
  anthropic: JsonObject[];
  ollama: JsonObject[];
  gemini: JsonObject[];
}): Feature["ask"] {
  const ids = ["call_1", "call_2"].slice(0, results.anthropic.length);
  const called = { name: "clock", arguments: TEXT_ARGS };
  const calls = ids.map((id) => ({ id, type: "function", function: called }));
  const items = ids.map((call_id) => ({ type: "function_call", call_id, ...called }));
  const uses = ids.map((id) => ({ type: "tool_use", id, name: "clock", input: ARGS }));
  const natives = ids.map((id) => ({ id, function: { name: "clock", arguments: ARGS } }));
  const tell = (content: Json, index: number): JsonObject => ({ role: "tool", tool_call_id: ids[index], content });
  const output = (value: JsonObject, index: number): JsonObject => ({
    type: "function_call_output",
    call_id: ids[index],
    ...value,
  });
  const block = (value: JsonObject, index: number): JsonObject => ({
    type: "tool_result",
    tool_use_id: ids[index],
    ...value,
  });
  const functionCalls = ids.map((id) => ({ functionCall: { id, name: "clock", args: ARGS } }));
  const response = (value: JsonObject, index: number): JsonObject => ({
    functionResponse: { id: ids[index], name: "clock", ...value },
  });
  return withTools({
    gemini: {
      contents: [
        { role: "user", parts: [{ text: ASKED.content }] },
        { role: "model", parts: functionCalls },
        { role: "user", parts: results.gemini.map(response) },
      ],
    },
    openai: { messages: [ASKED, { role: "assistant", content: null, tool_calls: calls }, ...results.chat.map(tell)] },
    "openai-responses": { input: [ASKED, ...items, ...results.responses.map(output)] },
    anthropic: {
      messages: [ASKED, { role: "assistant", content: uses }, { role: "user", content: results.anthropic.map(block) }],
    },
    ollama: {
      messages: [
        ASKED,
        { role: "assistant", content: "", tool_calls: natives },
        ...results.ollama.map((value, index) => ({
          role: "tool",
          tool_name: "clock",
          tool_call_id: ids[index],
          ...value,
        })),
      ],
    },
  });
}

/** Only two APIs have a flag for a tool that failed. */
function failedHistory(): Feature["ask"] {
  const { anthropic, gemini } = history({
    chat: [],
    responses: [],
    anthropic: [{ content: "no clock", is_error: true }],
    ollama: [],
    gemini: [{ response: { error: "no clock" } }],
  });
  return { anthropic, gemini };
}

/** The calls and results a provider was shown, each result under the id of its call. */
function expectPaired(seen: Seen, count: number): void {
  const calls = itemsWith(seen, "call");
  const results = itemsWith(seen, "result");
  equal(calls.length, count);
  equal(results.length, count);
  deepEqual(
    results.map((item) => item["result"]),
    calls.map((item) => item["call"]),
  );
  for (const call of calls) equal(JSON.stringify(call["args"]), TEXT_ARGS);
  for (const call of calls) equal(call["name"], "clock");
}

function resultTexts(seen: Seen): string[] {
  return itemsWith(seen, "result").map((item) => JSON.stringify(item["parts"]));
}

export const TOOL_RESULTS: Feature[] = [
  {
    name: "a result as a string, after an assistant turn without text",
    ask: history({
      chat: ["12:00"],
      responses: [{ output: "12:00" }],
      anthropic: [{ content: "12:00" }],
      ollama: [{ content: "12:00" }],
      gemini: [{ response: { output: "12:00" } }],
    }),
    seen(seen) {
      expectPaired(seen, 1);
      deepEqual(itemsWith(seen, "result")[0]?.["parts"], [{ text: "12:00" }]);
      equal(seen.items.length, 3, "something was added");
    },
  },
  {
    name: "two results",
    ask: history({
      chat: ["12:00", "19:00"],
      responses: [{ output: "12:00" }, { output: "19:00" }],
      anthropic: [{ content: "12:00" }, { content: [{ type: "text", text: "19:00" }] }],
      ollama: [{ content: "12:00" }, { content: "19:00" }],
      gemini: [{ response: { result: "12:00" } }, { response: { output: "19:00" } }],
    }),
    seen(seen) {
      expectPaired(seen, 2);
      deepEqual(resultTexts(seen), ['[{"text":"12:00"}]', '[{"text":"19:00"}]']);
    },
  },
  {
    name: "a result in blocks with an image",
    ask: {
      ...history({
        chat: ["unused"],
        responses: [
          {
            output: [
              { type: "input_text", text: "a picture" },
              { type: "input_image", image_url: PNG_URL },
            ],
          },
        ],
        anthropic: [
          {
            content: [
              { type: "text", text: "a picture" },
              { type: "image", source: { type: "base64", media_type: "image/png", data: PNG } },
            ],
          },
        ],
        ollama: [{ content: "a picture", images: [PNG] }],
        gemini: [
          {
            response: { output: "a picture" },
            parts: [{ inlineData: { mimeType: "image/png", data: PNG } }],
          },
        ],
      }),
      openai: undefined,
    },
    losses: (pair) => (pair.provider === "openai" ? { may: [/messages|input|image|tool_result/] } : {}),
    seen(seen, pair) {
      expectPaired(seen, 1);
      match(resultTexts(seen)[0] ?? "", /a picture/);
      // Chat's tool messages hold text only: the image follows in a message of the user's.
      if (pair.provider === "openai") deepEqual(itemsWith(seen, "image"), [{ role: "user", image: PNG_URL }]);
      else ok(resultTexts(seen)[0]?.includes(PNG), "the image is not in the result");
    },
  },
  {
    name: "a result that is an error",
    ask: failedHistory(),
    losses: (pair) => (pair.same ? {} : { may: [/is_error|messages|tool_result/] }),
    seen(seen) {
      expectPaired(seen, 1);
      const [result] = itemsWith(seen, "result");
      match(resultTexts(seen)[0] ?? "", /no clock/);
      ok(result?.["error"] === true || /error/i.test(resultTexts(seen)[0] ?? ""), "nothing says that it failed");
    },
  },
  {
    name: "ids no other API would take",
    ask: {
      openai: withTools({
        openai: {
          messages: [
            ASKED,
            {
              role: "assistant",
              content: "",
              tool_calls: [
                { id: ODD_ID, type: "function", function: { name: "clock", arguments: TEXT_ARGS } },
                { id: `${ODD_ID}2`, type: "function", function: { name: "clock", arguments: TEXT_ARGS } },
              ],
            },
            { role: "tool", tool_call_id: ODD_ID, content: "12:00" },
            { role: "tool", tool_call_id: `${ODD_ID}2`, content: [{ type: "text", text: "13:00" }] },
          ],
        },
      }).openai,
    },
    seen(seen, pair) {
      expectPaired(seen, 2);
      equal(new Set(itemsWith(seen, "call").map((item) => item["call"])).size, 2);
      for (const item of itemsWith(seen, "call")) {
        if (pair.provider === "openai-responses") ok(String(item["call"]).length <= 64, "longer than a call_id may be");
      }
    },
  },
  {
    name: "text after results in the same turn",
    ask: {
      anthropic: withTools({
        anthropic: {
          messages: [
            ASKED,
            { role: "assistant", content: [{ type: "tool_use", id: "call_1", name: "clock", input: ARGS }] },
            {
              role: "user",
              content: [
                { type: "tool_result", tool_use_id: "call_1", content: "12:00" },
                { type: "text", text: "and in Tokyo?" },
              ],
            },
          ],
        },
      }).anthropic,
    },
    seen(seen) {
      expectPaired(seen, 1);
      deepEqual(seen.items.at(-1), { role: "user", text: "and in Tokyo?" });
    },
  },
];
