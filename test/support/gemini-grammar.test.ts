import { throws } from "node:assert/strict";
import { test } from "node:test";
import type { JsonObject } from "../../src/core/json.ts";
import { checkGeminiArray, checkGeminiStream } from "./gemini-grammar.ts";
import { data } from "./upstream/answer.ts";

// A checker that accepts everything passes every test: each of its rules is shown a stream that breaks it.

function response(parts: JsonObject[], more: JsonObject = {}, usage?: JsonObject): JsonObject {
  const head = { modelVersion: "m", responseId: "r" };
  return {
    candidates: [{ content: { role: "model", parts }, ...more }],
    ...(usage && { usageMetadata: usage }),
    ...head,
  };
}

const TEXT = response([{ text: "hello" }]);
const CALL = response([{ functionCall: { name: "f", args: {} } }], {}, { promptTokenCount: 5 });
const LAST = response(
  [{ text: "" }],
  { finishReason: "STOP" },
  { promptTokenCount: 5, candidatesTokenCount: 2, totalTokenCount: 7 },
);
const ERROR = { error: { code: 503, message: "busy", status: "UNAVAILABLE" } };
const good = [TEXT, CALL, LAST].map(data);

test("takes good streams: with CRLF, with an error at the end, as an array, of a prompt that was blocked", () => {
  checkGeminiStream(good.join(""));
  checkGeminiStream(good.join("").replaceAll("\n", "\r\n"));
  checkGeminiStream([TEXT, ERROR].map(data).join(""));
  checkGeminiStream(`${data(TEXT)}data: {"cand\n\n${data(ERROR)}`);
  checkGeminiStream(data({ promptFeedback: { blockReason: "SAFETY" } }));
  checkGeminiArray(JSON.stringify([TEXT, CALL, LAST]));
});

test("refuses what breaks a rule", () => {
  const bad: [string, string, RegExp][] = [
    ["no terminal", good.slice(0, 2).join(""), /neither a finish reason/],
    ["nothing", "", /neither a finish reason/],
    ["two terminals", [...good, data(LAST)].join(""), /after the last/],
    ["an error behind the end", [...good, data(ERROR)].join(""), /after the last/],
    ["[DONE]", [...good, "data: [DONE]\n\n"].join(""), /not a data line/],
    ["a comment", [": ping\n\n", ...good].join(""), /not a data line/],
    ["a name", ["event: chunk\n", ...good].join(""), /not a data line/],
    ["a last event that is not closed", good.join("").trimEnd(), /blank line/],
    ["half an event", ["data: {\n\n", ...good].join(""), /not a data line/],
    ["a part of two kinds", data(response([{ text: "x", functionCall: { name: "f" } }])), /of one kind/],
    ["a part of none", data(response([{}])), /of one kind/],
    ["a call without a name", data(response([{ functionCall: {} }])), /has a name/],
    ["arguments as text", data(response([{ functionCall: { name: "f", args: "{}" } }])), /has a name/],
    ["another id", [data(TEXT), data({ ...LAST, responseId: "s" })].join(""), /one id/],
    ["counts that fall", [data(LAST), data(TEXT)].join(""), /after the last/],
    ["a prompt that shrinks", [data(CALL), data(response([], {}, { promptTokenCount: 4 }))].join(""), /falls/],
    ["a total that is no sum", data(response([], {}, { promptTokenCount: 4, totalTokenCount: 5 })), /the sum/],
    ["an error without a number", data({ error: { code: "503", message: "x", status: "X" } }), /numeric code/],
    ["no candidate", data({ modelVersion: "m" }), /one candidate/],
  ];
  for (const [name, text, words] of bad) throws(() => checkGeminiStream(text), words, name);
  throws(() => checkGeminiArray(JSON.stringify([TEXT])), /neither a finish reason/);
  throws(() => checkGeminiArray(JSON.stringify(LAST)), /not an array/);
});
