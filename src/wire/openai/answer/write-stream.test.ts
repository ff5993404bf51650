import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import OpenAI from "openai";
import type { ChatEvent } from "../../../core/event.ts";
import type { Part, ReasoningPart } from "../../../core/part.ts";
import { type ChatResponse, eventsOf, reduceEvents } from "../../../core/response.ts";
import { reportedUsage } from "../../../core/usage.ts";
import { answerContext, readAll, writeAll } from "../testing.ts";
import { readResponse } from "./read-response.ts";
import { readStream } from "./read-stream.ts";
import { writeResponse } from "./write-response.ts";
import { writeStream } from "./write-stream.ts";

const usage = reportedUsage({ input: 10, output: 5, cachedRead: 4, cacheWrite: 1, reasoning: 2 });
const signature = { dialect: "anthropic", kind: "signature", value: "sig==" } as const;

function answer(parts: Part[], reason: ChatResponse["finish"]["reason"] = "stop"): ChatResponse {
  return { id: "c1", model: "m1", parts, finish: { reason }, usage };
}

function stream(response: ChatResponse, includeUsage = false): string {
  return writeAll(writeStream(answerContext({ includeUsage })), eventsOf(response));
}

function client(body: string, type: string): OpenAI {
  const headers = { "content-type": type };
  return new OpenAI({
    apiKey: "k",
    baseURL: "http://x.invalid/v1",
    fetch: async () => new Response(body, { headers }),
    maxRetries: 0,
  });
}

const ask = { model: "m", messages: [{ role: "user" as const, content: "q" }] };
const head = '{"id":"c1","object":"chat.completion.chunk","created":1700000000,"model":"m1","choices":';
const line = (delta: string, finish = "null") =>
  `data: ${head}[{"index":0,"delta":${delta},"finish_reason":${finish}}]}\n\n`;

test("role in the first chunk only, finish in its own with an empty delta, then [DONE]: byte for byte", () => {
  assert.equal(
    stream(answer([{ type: "text", text: "Hi" }])),
    [
      line('{"role":"assistant","content":""}'),
      line('{"content":"Hi"}'),
      line("{}", '"stop"'),
      "data: [DONE]\n\n",
    ].join(""),
  );
});

test("usage in its own chunk after the finish, and only if asked for", () => {
  const text = stream(answer([]), true);
  const counts =
    '{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"prompt_tokens_details":{"cached_tokens":4,"cache_write_tokens":1},' +
    '"completion_tokens_details":{"reasoning_tokens":2}}';
  assert.equal(
    text,
    `data: ${head}[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":null}\n\n` +
      `data: ${head}[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null}\n\n` +
      `data: ${head}[],"usage":${counts}}\n\ndata: [DONE]\n\n`,
  );
});

test("two calls: id, type and name in the first delta of each, then only index and arguments, byte for byte", () => {
  const writer = writeStream(answerContext());
  const open = (index: number, id: string, name: string): ChatEvent => ({
    type: "block-start",
    index,
    block: { type: "tool-call", id, name, kind: "function" },
  });
  const text = writeAll(writer, [
    { type: "start", id: "c1", model: "m1" },
    open(3, "a", "f"),
    open(5, "b", "g"),
    { type: "arguments-delta", index: 5, text: '{"b":1}' },
    { type: "arguments-delta", index: 3, text: '{"a"' },
    { type: "arguments-delta", index: 3, text: "" },
    { type: "arguments-delta", index: 3, text: ":1}" },
    { type: "block-end", index: 3 },
    { type: "block-end", index: 5 },
    { type: "finish", reason: "tool_calls" },
    { type: "end" },
  ]);
  const first = (place: number, id: string, name: string) =>
    line(
      `{"tool_calls":[{"index":${place},"id":"${id}","type":"function","function":{"name":"${name}","arguments":""}}]}`,
    );
  const more = (place: number, args: string) =>
    line(`{"tool_calls":[{"index":${place},"function":{"arguments":${JSON.stringify(args)}}}]}`);
  assert.equal(
    text,
    line('{"role":"assistant","content":""}') +
      first(0, "a", "f") +
      first(1, "b", "g") +
      more(1, '{"b":1}') +
      more(0, '{"a"') +
      more(0, ":1}") +
      line("{}", '"tool_calls"') +
      "data: [DONE]\n\n",
  );
});

test('a tool without arguments gives "{}", streamed or not', () => {
  const response = answer([{ type: "tool-call", id: "a", name: "f", arguments: "", kind: "function" }], "tool_calls");
  for (const events of [
    readAll(readStream(), stream(response)),
    readResponse(writeResponse(response, answerContext())),
  ]) {
    const [part] = reduceEvents(events).response().parts;
    assert.equal(part?.type === "tool-call" && part.arguments, "{}");
  }
});

test("an error is an error frame without [DONE]", () => {
  const failure = { kind: "overloaded", message: "busy", code: "overloaded_error" } as const;
  const text = writeAll(writeStream(answerContext()), [
    { type: "start", id: "c1", model: "m1" },
    { type: "error", failure },
  ]);
  const error = '{"error":{"message":"busy","type":"server_error","param":null,"code":"server_is_overloaded"}}';
  assert.equal(text, `${line('{"role":"assistant","content":""}')}data: ${error}\n\n`);
});

test("every reason has its finish_reason", () => {
  const reasons = ["stop", "stop_sequence", "length", "context", "tool_calls", "refusal", "pause", "other"] as const;
  const call = { type: "tool-call", id: "a", name: "f", arguments: "{}", kind: "function" } as const;
  const parts = (reason: string) => (reason === "tool_calls" ? [call] : []);
  const written = reasons.map((reason) => stream(answer(parts(reason), reason)).match(/"finish_reason":"(\w+)"/)?.[1]);
  // A client that is told of calls and sees none asks again for ever.
  assert.match(stream(answer([], "tool_calls")), /"finish_reason":"stop"/);
  assert.deepEqual(written, ["stop", "stop", "length", "length", "tool_calls", "content_filter", "stop", "stop"]);
});

test("an answer without id or model gets those of the exchange; a ping is a comment in a block of its own", () => {
  const writer = writeStream(answerContext());
  assert.match(writer.write({ type: "start", id: "", model: "" }), /"id":"chatcmpl-exchange1".*"model":"m"/);
  assert.equal(writer.write({ type: "ping" }), ": ping\n\n");
});

test("the official SDK's stream helper takes reasoning, text, two calls and usage, and gives back the whole message", async () => {
  const response = answer(
    [
      { type: "reasoning", text: "think", state: signature },
      { type: "text", text: "Hello" },
      { type: "tool-call", id: "a", name: "f", arguments: '{"x":1}', kind: "function" },
      { type: "tool-call", id: "b", name: "g", arguments: "", kind: "function" },
    ],
    "tool_calls",
  );
  const helper = client(stream(response, true), "text/event-stream").chat.completions.stream(ask);
  const completion = await helper.finalChatCompletion();
  const [choice] = completion.choices;
  assert.equal(choice?.finish_reason, "tool_calls");
  assert.equal(choice?.message.content, "Hello");
  const calls = choice?.message.tool_calls?.map(
    (call) => call.type === "function" && [call.id, call.function.arguments],
  );
  assert.deepEqual(calls, [
    ["a", '{"x":1}'],
    ["b", "{}"],
  ]);
  assert.equal(completion.usage?.prompt_tokens_details?.cached_tokens, 4);
});

test("the official SDK throws on the error frame of a broken stream", async () => {
  const text = writeAll(writeStream(answerContext()), [
    { type: "start", id: "c1", model: "m1" },
    { type: "error", failure: { kind: "cut", message: "gone" } },
  ]);
  const helper = client(text, "text/event-stream").chat.completions.stream(ask);
  await assert.rejects(helper.finalMessage(), /gone/);
});

test("the official SDK reads a whole answer", async () => {
  const response = answer([
    { type: "reasoning", text: "t" },
    { type: "text", text: "A", citations: [{ url: "https://a.example", title: "T" }] },
    { type: "text", text: "BC", citations: [{ url: "https://b.example", start: 1, end: 2 }] },
  ]);
  const body = JSON.stringify(writeResponse(response, answerContext()));
  const completion = await client(body, "application/json").chat.completions.create(ask);
  assert.deepEqual(JSON.parse(JSON.stringify(completion)), {
    id: "c1",
    object: "chat.completion",
    created: 1700000000,
    model: "m1",
    choices: [
      {
        index: 0,
        message: {
          role: "assistant",
          content: "ABC",
          refusal: null,
          reasoning_content: "t",
          annotations: [
            {
              type: "url_citation",
              url_citation: { url: "https://a.example", title: "T", start_index: 0, end_index: 1 },
            },
            {
              type: "url_citation",
              url_citation: { url: "https://b.example", title: "", start_index: 2, end_index: 3 },
            },
          ],
        },
        logprobs: null,
        finish_reason: "stop",
      },
    ],
    usage: {
      prompt_tokens: 10,
      completion_tokens: 5,
      total_tokens: 15,
      prompt_tokens_details: { cached_tokens: 4, cache_write_tokens: 1 },
      completion_tokens_details: { reasoning_tokens: 2 },
    },
  });
});

test("content is null beside calls or a refusal, and an empty string in an empty answer", () => {
  const message = (parts: Part[]) => JSON.stringify(writeResponse(answer(parts), answerContext())["choices"]);
  assert.match(message([]), /"content":"","refusal":null/);
  assert.match(message([{ type: "refusal", text: "no" }]), /"content":null,"refusal":"no"/);
  const call: Part = { type: "tool-call", id: "a", name: "f", arguments: "x", kind: "custom" };
  assert.match(message([call]), /"content":null.*"custom":\{"name":"f","input":"x"\}/);
});

const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 });
const state = fc.constantFrom(
  signature,
  { dialect: "anthropic", kind: "redacted", value: "r" } as const,
  { dialect: "openai-responses", kind: "encrypted", value: "e" } as const,
);
const sealed: fc.Arbitrary<ReasoningPart> = fc.record(
  {
    type: fc.constant("reasoning" as const),
    text: fc.oneof(text, fc.constant("")),
    state,
  },
  { noNullPrototype: true },
);
const call: fc.Arbitrary<Part> = fc.record(
  {
    type: fc.constant("tool-call" as const),
    id: fc.uuid(),
    name: fc.constantFrom("f", "g"),
    arguments: fc.json(),
    kind: fc.constantFrom("function" as const, "custom" as const),
  },
  { noNullPrototype: true },
);

test("what is written is read back, streamed and whole: reasoning with its state, text, calls, usage", () => {
  const parts = fc.tuple(
    fc.array(sealed, { maxLength: 3 }),
    fc.array(text, { maxLength: 1 }),
    fc.array(call, { maxLength: 3 }),
  );
  fc.assert(
    fc.property(parts, ([reasoning, texts, calls]) => {
      const all: Part[] = [...reasoning, ...texts.map((text) => ({ type: "text" as const, text })), ...calls];
      const response = answer(all, calls.length > 0 ? "tool_calls" : "stop");
      const streamed = reduceEvents(readAll(readStream(), stream(response, true))).response();
      const whole = reduceEvents(readResponse(writeResponse(response, answerContext()))).response();
      assert.deepEqual(streamed, whole);
      assert.deepEqual(streamed.parts, all);
      assert.deepEqual(streamed.usage, usage);
    }),
  );
});

test("details in OpenRouter's own format come back as they were, with the text of all their fragments", () => {
  const detail = { type: "reasoning.text", format: "anthropic-claude-v1", index: 0 };
  const delta = (value: object) => `data: ${JSON.stringify({ id: "c", choices: [{ delta: value }] })}\n\n`;
  const events = readAll(
    readStream(),
    delta({ reasoning: "a", reasoning_details: [{ ...detail, text: "a" }] }) +
      delta({ reasoning: "b", reasoning_details: [{ ...detail, text: "b" }] }) +
      delta({ reasoning_details: [{ ...detail, signature: "S" }] }) +
      'data: {"choices":[{"delta":{"content":"x"},"finish_reason":"stop"}]}\n\n',
  );
  const response = reduceEvents(events).response();
  const [choice] = [writeResponse(response, answerContext())["choices"]].flat();
  assert.match(JSON.stringify(choice), /"reasoning_content":"ab"/);
  const whole = { ...detail, signature: "S", text: "ab" };
  assert.ok(JSON.stringify(choice).includes(`"reasoning_details":[${JSON.stringify(whole)}]`));
});
