import assert from "node:assert/strict";
import { test } from "node:test";
import { geminiContext, writtenByGemini } from "../../../../test/support/gemini-context.ts";
import { checkGeminiArray, checkGeminiStream } from "../../../../test/support/gemini-grammar.ts";
import type { ChatEvent, FinishReason } from "../../../core/event.ts";
import { asObject, type JsonObject, objectsOf } from "../../../core/json.ts";
import type { Part, ToolCallPart } from "../../../core/part.ts";
import { type ChatResponse, eventsOf } from "../../../core/response.ts";
import { reportedUsage } from "../../../core/usage.ts";
import { geminiArrayClient } from "../client.ts";
import { writeResponse } from "./write-response.ts";

const USAGE = reportedUsage({ input: 100, output: 40, cachedRead: 60, cacheWrite: 10, reasoning: 15 });

function response(parts: Part[], finish: ChatResponse["finish"] = { reason: "stop" }): ChatResponse {
  return { id: "r1", model: "m1", parts, finish, usage: USAGE };
}

function candidateOf(json: JsonObject | undefined): JsonObject {
  return objectsOf(json?.["candidates"])[0] ?? {};
}

function partsOf(json: JsonObject | undefined): JsonObject[] {
  return objectsOf(asObject(candidateOf(json)["content"])?.["parts"]);
}

function call(id: string, args: string): ToolCallPart {
  return { type: "tool-call", id, name: "f", arguments: args, kind: "function" };
}

test("a whole answer: thoughts, text, calls, usage", () => {
  const signature = { dialect: "gemini", kind: "signature", value: "sig" } as const;
  const parts: Part[] = [
    { type: "reasoning", text: "hm" },
    { type: "text", text: "hello" },
    { ...call("1", '{"z":1,"a":2}'), state: signature },
    { type: "tool-call", id: "2", name: "g", arguments: "free text", kind: "custom" },
  ];
  assert.deepEqual(writeResponse(response(parts, { reason: "tool_calls" }), geminiContext()), {
    candidates: [
      {
        content: {
          role: "model",
          parts: [
            { text: "hm", thought: true },
            { text: "hello" },
            { functionCall: { id: "1", name: "f", args: { z: 1, a: 2 } }, thoughtSignature: "sig" },
            { functionCall: { id: "2", name: "g", args: { input: "free text" } } },
          ],
        },
        finishReason: "STOP",
        index: 0,
      },
    ],
    usageMetadata: {
      promptTokenCount: 100,
      cachedContentTokenCount: 60,
      candidatesTokenCount: 25,
      thoughtsTokenCount: 15,
      totalTokenCount: 140,
    },
    modelVersion: "m1",
    responseId: "r1",
  });
});

test("a stream, byte for byte", () => {
  const text = writtenByGemini([
    { type: "start", id: "r1", model: "m1" },
    { type: "ping" },
    { type: "block-start", index: 0, block: { type: "reasoning" } },
    { type: "reasoning-delta", index: 0, text: "hm" },
    { type: "block-end", index: 0, state: { dialect: "anthropic", kind: "signature", value: "not Gemini's" } },
    { type: "block-start", index: 1, block: { type: "text" } },
    { type: "text-delta", index: 1, text: "Hi 👋" },
    { type: "block-end", index: 1 },
    { type: "block-start", index: 2, block: { type: "tool-call", id: "c", name: "f", kind: "function" } },
    { type: "arguments-delta", index: 2, text: '{"a"' },
    { type: "arguments-delta", index: 2, text: ":1}" },
    { type: "block-end", index: 2, state: { dialect: "gemini", kind: "signature", value: "sig" } },
    { type: "finish", reason: "tool_calls" },
    { type: "usage", usage: reportedUsage({ input: 3, output: 2 }) },
    { type: "end" },
  ]);
  const head = '"modelVersion":"m1","responseId":"r1"}';
  assert.equal(
    text,
    [
      `data: {"candidates":[{"content":{"role":"model","parts":[{"text":"hm","thought":true}]},"index":0}],${head}`,
      `data: {"candidates":[{"content":{"role":"model","parts":[{"text":"Hi 👋"}]},"index":0}],${head}`,
      `data: {"candidates":[{"content":{"role":"model","parts":[{"functionCall":{"id":"c","name":"f","args":{"a":1}},"thoughtSignature":"sig"}]},"index":0}],${head}`,
      `data: {"candidates":[{"content":{"role":"model","parts":[{"text":""}]},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":2,"totalTokenCount":5},${head}`,
      "",
    ].join("\n\n"),
  );
  checkGeminiStream(text);
});

test("without alt=sse the same responses are one JSON array", () => {
  const events = eventsOf(response([{ type: "text", text: "hello" }, call("1", "{}")]));
  const sse = checkGeminiStream(writtenByGemini(events));
  assert.deepEqual(checkGeminiArray(writtenByGemini(events, geminiArrayClient)), sse);
});

test("an error inside a stream is the last thing, with a number for its code, in both forms", () => {
  const events: ChatEvent[] = [
    { type: "start", id: "r1", model: "m1" },
    { type: "block-start", index: 0, block: { type: "text" } },
    { type: "text-delta", index: 0, text: "half" },
    { type: "block-start", index: 1, block: { type: "tool-call", id: "c", name: "f", kind: "function" } },
    { type: "arguments-delta", index: 1, text: '{"a' },
    { type: "error", failure: { kind: "overloaded", message: "busy" } },
  ];
  const expected = { code: 503, message: "busy", status: "UNAVAILABLE" };
  for (const responses of [
    checkGeminiStream(writtenByGemini(events)),
    checkGeminiArray(writtenByGemini(events, geminiArrayClient)),
  ]) {
    const { details: _, ...error } = asObject(responses.at(-1)?.["error"]) ?? {};
    assert.deepEqual(error, expected);
    assert.ok(!JSON.stringify(responses).includes("functionCall"), "a call cut in its middle is not shown");
  }
  const first = checkGeminiArray(writtenByGemini(events.slice(-1), geminiArrayClient));
  assert.equal(first.length, 1);
});

test("interleaved calls come whole, in the order they were opened", () => {
  const open = (index: number): ChatEvent => ({
    type: "block-start",
    index,
    block: { type: "tool-call", id: `c${index}`, name: "f", kind: "function" },
  });
  const text = writtenByGemini([
    { type: "start", id: "", model: "" },
    open(0),
    open(1),
    { type: "arguments-delta", index: 1, text: '{"n":1,}' },
    { type: "arguments-delta", index: 0, text: "17" },
    { type: "block-end", index: 1 },
    { type: "block-end", index: 0 },
    { type: "end" },
  ]);
  const responses = checkGeminiStream(text);
  assert.deepEqual(
    responses.flatMap(partsOf).map((part) => part["functionCall"] ?? part),
    [{ id: "c0", name: "f", args: { _raw: "17" } }, { id: "c1", name: "f", args: { n: 1 } }, { text: "" }],
  );
  assert.equal(responses[0]?.["responseId"], "router-1");
  assert.equal(responses[0]?.["modelVersion"], "gemini-x");
});

test("reasons", () => {
  const reasons: [FinishReason, string | undefined, string][] = [
    ["stop", "end_turn", "STOP"],
    ["stop_sequence", undefined, "STOP"],
    ["length", undefined, "MAX_TOKENS"],
    ["context", undefined, "MAX_TOKENS"],
    ["tool_calls", undefined, "STOP"],
    ["refusal", "refusal", "SAFETY"],
    ["refusal", "RECITATION", "RECITATION"],
    ["other", "brand_new", "STOP"],
    ["other", "LANGUAGE", "LANGUAGE"],
  ];
  for (const [reason, native, expected] of reasons) {
    const finish = { reason, ...(native !== undefined && { native }) };
    const whole = writeResponse(response([{ type: "text", text: "x" }], finish), geminiContext());
    assert.equal(candidateOf(whole)["finishReason"], expected);
  }
  const refused = writeResponse(response([{ type: "refusal", text: "No." }]), geminiContext());
  assert.equal(candidateOf(refused)["finishReason"], "SAFETY");
  assert.deepEqual(partsOf(refused), [{ text: "No." }]);
});

test("sources: segments count bytes from the beginning of all text, pages are told once, searches by their queries", () => {
  const page = { url: "https://a.test/", title: "A" };
  const parts: Part[] = [
    {
      type: "opaque",
      dialect: "anthropic",
      what: "server_tool_use",
      value: {},
      search: { id: "1", queries: ["rain"], results: [{ url: "https://b.test/", title: "B" }, page] },
    },
    { type: "text", text: "Grüße. ", citations: [page] },
    { type: "reasoning", text: "not in the text" },
    { type: "text", text: "Es regnet 🌧 heute.", citations: [{ ...page, start: 3, end: 12 }, { title: "a file" }] },
    { type: "opaque", dialect: "openai-responses", what: "mcp_call", value: {} },
  ];
  const expected = {
    webSearchQueries: ["rain"],
    groundingChunks: [{ web: { uri: "https://a.test/", title: "A" } }, { web: { uri: "https://b.test/", title: "B" } }],
    groundingSupports: [
      { segment: { startIndex: 0, endIndex: 9, text: "Grüße. " }, groundingChunkIndices: [0] },
      { segment: { startIndex: 12, endIndex: 23, text: "regnet 🌧" }, groundingChunkIndices: [0] },
    ],
  };
  for (const stream of [false, true]) {
    const lost: string[] = [];
    const json = stream
      ? checkGeminiStream(writtenByGemini(eventsOf(response(parts)), undefined, lost)).at(-1)
      : writeResponse(response(parts), geminiContext(lost));
    assert.deepEqual(candidateOf(json)["groundingMetadata"], expected);
    assert.deepEqual(lost, ["citations=dropped", "mcp_call=dropped"]);
  }
});

test("blocks of Gemini's own come back as they were: parts as parts, metadata beside the content", () => {
  const code = { executableCode: { language: "PYTHON", code: "1" } };
  const grounding = { webSearchQueries: ["x"], searchEntryPoint: {} };
  const parts: Part[] = [
    { type: "opaque", dialect: "gemini", what: "executableCode", value: code },
    { type: "opaque", dialect: "gemini", what: "groundingMetadata", value: grounding },
    { type: "reasoning", text: "", state: { dialect: "gemini", kind: "signature", value: "sig" } },
  ];
  const json = writeResponse(response(parts), geminiContext());
  assert.deepEqual(partsOf(json), [code, { text: "", thoughtSignature: "sig" }]);
  assert.deepEqual(candidateOf(json)["groundingMetadata"], grounding);
});
