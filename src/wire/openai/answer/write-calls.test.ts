import assert from "node:assert/strict";
import { test } from "node:test";
import OpenAI from "openai";
import type { ChatEvent } from "../../../core/event.ts";
import type { Part } from "../../../core/part.ts";
import type { ChatRequest } from "../../../core/request.ts";
import { type ChatResponse, eventsOf } from "../../../core/response.ts";
import type { AnswerContext } from "../../format.ts";
import { answerContext, chunk, readAll, sse, writeAll } from "../testing.ts";
import { readStream } from "./read-stream.ts";
import { writeResponse } from "./write-response.ts";
import { writeStream } from "./write-stream.ts";

function context(change: Partial<ChatRequest> = {}, body: AnswerContext["body"] = {}) {
  const lost: string[] = [];
  const answer = { ...answerContext(change), body, lost: (field: string) => void lost.push(field) };
  return { answer, lost };
}

function answerOf(parts: Part[], finish: ChatResponse["finish"] = { reason: "tool_calls" }): ChatResponse {
  return { id: "c1", model: "m1", parts, finish };
}

const calls = (...args: string[]): Part[] =>
  args.map((text, at) => ({ type: "tool-call", id: `c${at}`, name: "patch", arguments: text, kind: "function" }));

/** The message as the official client puts it together from the stream. */
async function streamed(answer: AnswerContext, response: ChatResponse) {
  const text = writeAll(writeStream(answer), eventsOf(response));
  const sdk = new OpenAI({
    apiKey: "k",
    baseURL: "http://x.invalid/v1",
    fetch: async () => new Response(text, { headers: { "content-type": "text/event-stream" } }),
  });
  const asked = { model: "m", messages: [] };
  return (await sdk.chat.completions.stream(asked).finalChatCompletion()).choices[0];
}

const deltas = (answer: AnswerContext, events: Iterable<ChatEvent>) =>
  writeAll(writeStream(answer), events)
    .split("\n\n")
    .filter((frame) => frame.includes('"choices":[{'))
    .map((frame) => JSON.parse(frame.slice(6)).choices[0].delta);

test("a free-form tool that was sent as a function comes back as what it is, its text as it comes", () => {
  const tools: ChatRequest["tools"] = [{ kind: "custom", name: "patch" }];
  const { answer } = context({ tools });
  const response = answerOf(calls('{"input":"a\\n\\"b\\""}'));
  const whole = writeResponse(response, answer);
  assert.match(
    JSON.stringify(whole),
    /"tool_calls":\[\{"id":"c0","type":"custom","custom":\{"name":"patch","input":"a\\n\\"b\\""\}\}\]/,
  );
  const block = { type: "tool-call", id: "c0", name: "patch", kind: "function" } as const;
  const pieces = ['{"in', 'put":"a\\', 'n\\"b', '\\""}'];
  const told = deltas(answer, [
    { type: "start", id: "c1", model: "m1" },
    { type: "block-start", index: 0, block },
    ...pieces.map((text) => ({ type: "arguments-delta" as const, index: 0, text })),
    { type: "block-end", index: 0 },
    { type: "finish", reason: "tool_calls" },
    { type: "end" },
  ]);
  assert.deepEqual(told.slice(1), [
    { tool_calls: [{ index: 0, id: "c0", type: "custom", custom: { name: "patch", input: "" } }] },
    { tool_calls: [{ index: 0, custom: { input: "a" } }] },
    { tool_calls: [{ index: 0, custom: { input: '\n"b' } }] },
    { tool_calls: [{ index: 0, custom: { input: '"' } }] },
    {},
  ]);
});

test("a client that declared functions hears of one function_call; a second has no place", async () => {
  const body = { functions: [{ name: "patch" }] };
  const response = answerOf([{ type: "text", text: "ok" }, ...calls('{"a":1}', "{}")]);
  const whole = context({}, body);
  assert.deepEqual(writeResponse(response, whole.answer)["choices"], [
    {
      index: 0,
      message: {
        role: "assistant",
        content: "ok",
        refusal: null,
        function_call: { name: "patch", arguments: '{"a":1}' },
      },
      logprobs: null,
      finish_reason: "function_call",
    },
  ]);
  assert.deepEqual(whole.lost, ["tool_calls(patch)"]);
  const stream = context({}, body);
  const told = deltas(stream.answer, eventsOf(response));
  assert.deepEqual(told.slice(2), [
    { function_call: { name: "patch", arguments: "" } },
    { function_call: { arguments: '{"a":1}' } },
    {},
  ]);
  assert.deepEqual(stream.lost, ["tool_calls(patch)"]);
  const choice = await streamed(context({}, body).answer, response);
  assert.equal(choice?.finish_reason, "function_call");
  assert.deepEqual(choice?.message.function_call, { name: "patch", arguments: '{"a":1}' });
});

test("a thought signature goes with its call, whole and streamed, and is read from there", async () => {
  const state = { dialect: "gemini", kind: "signature", value: "sig" } as const;
  const [first] = calls("{}");
  assert.ok(first?.type === "tool-call");
  const response = answerOf([{ ...first, state }]);
  const { answer } = context();
  const inside = '"extra_content":{"google":{"thought_signature":"sig"}}';
  assert.ok(JSON.stringify(writeResponse(response, answer)).includes(inside));
  const text = writeAll(writeStream(answer), eventsOf(response));
  assert.ok(text.includes(inside));
  assert.deepEqual(
    readAll(readStream(), text).filter((event) => event.type === "block-end"),
    [{ type: "block-end", index: 0, state }],
  );
  assert.equal((await streamed(answer, response))?.message.tool_calls?.[0]?.id, "c0");
  const google = {
    id: "g",
    type: "function",
    function: { name: "f", arguments: "{}" },
    extra_content: { google: { thought_signature: "s2" } },
  };
  const other = { id: "h", type: "function", function: { name: "f", arguments: "{}" } };
  const events = readAll(readStream(), sse(chunk({ tool_calls: [google, other] }, "stop"), "[DONE]"));
  assert.deepEqual(
    events
      .filter((event) => event.type === "block-end")
      .map((event) => ("state" in event ? event.state?.value : undefined)),
    ["s2", undefined],
  );
});

test("what Chat has no place for is told: a search, a citation of no page", () => {
  const parts: Part[] = [
    { type: "opaque", dialect: "openai-responses", what: "web_search_call", value: {} },
    { type: "text", text: "x", citations: [{ citedText: "y" }] },
  ];
  for (const write of [writeResponse, (response: ChatResponse, to: AnswerContext) => deltas(to, eventsOf(response))]) {
    const { answer, lost } = context();
    write(answerOf(parts, { reason: "stop" }), answer);
    assert.deepEqual(lost.sort(), ["citations", "web_search_call"]);
  }
});

test("a citation that names no place covers its text, though it came before it", () => {
  const { answer } = context();
  const told = deltas(answer, [
    { type: "start", id: "c1", model: "m1" },
    { type: "block-start", index: 0, block: { type: "text" } },
    { type: "text-delta", index: 0, text: "One. " },
    { type: "block-end", index: 0 },
    { type: "block-start", index: 1, block: { type: "text" } },
    { type: "citation", index: 1, citation: { url: "https://a.test", title: "A" } },
    { type: "text-delta", index: 1, text: "Two." },
    { type: "block-end", index: 1 },
    { type: "finish", reason: "stop" },
    { type: "end" },
  ]);
  const place = { url: "https://a.test", title: "A", start_index: 5, end_index: 9 };
  assert.deepEqual(told.at(-2), { annotations: [{ type: "url_citation", url_citation: place }] });
});

test("why an answer was refused is its refusal, where no block says so", async () => {
  const finish = { reason: "refusal", refusal: { explanation: "Not that." } } as const;
  const response = answerOf([{ type: "text", text: "H" }], finish);
  assert.match(JSON.stringify(writeResponse(response, context().answer)), /"refusal":"Not that\."/);
  assert.equal((await streamed(context().answer, response))?.message.refusal, "Not that.");
  const said = answerOf([{ type: "refusal", text: "No." }], finish);
  assert.equal((await streamed(context().answer, said))?.message.refusal, "No.");
});
