import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { answerContext, written } from "../../../../test/support/anthropic-context.ts";
import { checkAnthropicStream, framesOf } from "../../../../test/support/anthropic-grammar.ts";
import { sdkMessage } from "../../../../test/support/anthropic-sdk.ts";
import type { ChatEvent } from "../../../core/event.ts";
import type { JsonObject } from "../../../core/json.ts";
import type { OpaquePart } from "../../../core/part.ts";
import { reportedUsage } from "../../../core/usage.ts";
import { searchOf } from "../hosted.ts";
import { writeResponse } from "./write-response.ts";
import { writeStream } from "./write-stream.ts";

const start: ChatEvent = { type: "start", id: "msg_1", model: "m1" };
const usage = reportedUsage({
  input: 100,
  output: 7,
  cachedRead: 60,
  cacheWrite: 30,
  cacheWriteLong: 10,
  reasoning: 3,
});
const done: ChatEvent[] = [
  { type: "finish", reason: "stop", native: "stop" },
  { type: "usage", usage },
  { type: "end" },
];

function call(index: number, id: string, fragments: string[], kind: "function" | "custom" = "function"): ChatEvent[] {
  return [
    { type: "block-start", index, block: { type: "tool-call", id, name: `tool${index}`, kind } },
    ...fragments.map((text): ChatEvent => ({ type: "arguments-delta", index, text })),
    { type: "block-end", index },
  ];
}

test("a stream of thinking, text and a tool call, byte for byte", () => {
  const text = written([
    start,
    { type: "ping" },
    { type: "block-start", index: 0, block: { type: "reasoning" } },
    { type: "reasoning-delta", index: 0, text: "Hm" },
    { type: "block-end", index: 0, state: { dialect: "anthropic", kind: "signature", value: "c2ln" } },
    { type: "block-start", index: 1, block: { type: "text" } },
    { type: "text-delta", index: 1, text: "Hi 👋" },
    { type: "block-end", index: 1 },
    ...call(2, "toolu_1", ['{"a"', ":1}"]),
    { type: "finish", reason: "tool_calls", native: "tool_use" },
    { type: "usage", usage },
    { type: "end" },
  ]);
  assert.equal(
    text,
    [
      'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m1","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":42,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":0}}}',
      'event: ping\ndata: {"type":"ping"}',
      'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}',
      'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Hm"}}',
      'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"c2ln"}}',
      'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}',
      'event: content_block_start\ndata: {"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}',
      'event: content_block_delta\ndata: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Hi 👋"}}',
      'event: content_block_stop\ndata: {"type":"content_block_stop","index":1}',
      'event: content_block_start\ndata: {"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"toolu_1","name":"tool2","input":{}}}',
      'event: content_block_delta\ndata: {"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\\"a\\""}}',
      'event: content_block_delta\ndata: {"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":":1}"}}',
      'event: content_block_stop\ndata: {"type":"content_block_stop","index":2}',
      'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"input_tokens":10,"cache_creation_input_tokens":30,"cache_read_input_tokens":60,"output_tokens":7,"cache_creation":{"ephemeral_5m_input_tokens":20,"ephemeral_1h_input_tokens":10},"output_tokens_details":{"thinking_tokens":3}}}',
      'event: message_stop\ndata: {"type":"message_stop"}',
      "",
    ].join("\n\n"),
  );
  checkAnthropicStream(text);
});

test("three interleaved calls stay three tool_use blocks that do not overlap", async () => {
  const starts = [0, 1, 2].flatMap((index) => call(index, `call_${index}`, []).slice(0, 1));
  const deltas = ['{"n":', "1", "}"].flatMap((text) =>
    [0, 1, 2].map((index): ChatEvent => ({ type: "arguments-delta", index, text: text === "1" ? `${index}` : text })),
  );
  const ends = [0, 1, 2].map((index): ChatEvent => ({ type: "block-end", index }));
  const text = written([start, ...starts, ...deltas, ...ends, ...done]);
  checkAnthropicStream(text);
  const message = await sdkMessage(text);
  assert.deepEqual(
    message.content.map((block) => (block.type === "tool_use" ? [block.id, block.input] : block.type)),
    [0, 1, 2].map((n) => [`call_${n}`, { n }]),
  );
  assert.equal(message.stop_reason, "tool_use", "stop after calls means tool_use");
});

test("thinking, text, thinking and a tool each get their own index and are closed before the next", () => {
  const text = written([
    start,
    { type: "block-start", index: 0, block: { type: "reasoning" } },
    { type: "reasoning-delta", index: 0, text: "a" },
    { type: "block-end", index: 0 },
    { type: "block-start", index: 1, block: { type: "text" } },
    { type: "text-delta", index: 1, text: "b" },
    { type: "block-end", index: 1 },
    { type: "block-start", index: 2, block: { type: "reasoning" } },
    { type: "reasoning-delta", index: 2, text: "c" },
    { type: "block-end", index: 2 },
    ...call(3, "x", ["{}"]),
    ...done,
  ]);
  const frames = checkAnthropicStream(text);
  const signatures = frames.filter(({ data }) => JSON.stringify(data).includes('"signature_delta","signature":""'));
  assert.equal(signatures.length, 2, "reasoning without a signature ends in an empty one");
});

test("an argument-less call is an empty object for the SDK", async () => {
  const text = written([start, ...call(0, "c", []), ...done]);
  const [block] = (await sdkMessage(text)).content;
  assert.deepEqual(block?.type === "tool_use" && block.input, {});
});

test("the free text of a custom tool survives any escaping and any cut", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string({ unit: "binary" }), { maxLength: 6 }), async (fragments) => {
      const text = written([start, ...call(0, "c", fragments, "custom"), ...done]);
      checkAnthropicStream(text);
      const [block] = (await sdkMessage(text)).content;
      assert.deepEqual(block?.type === "tool_use" && block.input, { input: fragments.join("") });
    }),
    { numRuns: 50 },
  );
});

test("an emoji cut in two by the upstream is whole in the custom tool's input", async () => {
  const [high, low] = ["\ud83d", "\ude00"];
  const text = written([start, ...call(0, "c", [high ?? "", low ?? ""], "custom"), ...done]);
  const [block] = (await sdkMessage(text)).content;
  assert.deepEqual(block?.type === "tool_use" && block.input, { input: "😀" });
});

test("redacted thinking comes whole in its start, foreign encrypted reasoning not at all", () => {
  const frames = checkAnthropicStream(
    written([
      start,
      { type: "block-start", index: 0, block: { type: "reasoning" } },
      { type: "block-end", index: 0, state: { dialect: "anthropic", kind: "redacted", value: "AAA" } },
      { type: "block-start", index: 1, block: { type: "reasoning" } },
      { type: "block-end", index: 1, state: { dialect: "openai-responses", kind: "encrypted", value: "BBB" } },
      ...done,
    ]),
  );
  assert.deepEqual(frames[1]?.data["content_block"], { type: "redacted_thinking", data: "AAA" });
  assert.deepEqual(
    frames.map((frame) => frame.event),
    ["message_start", "content_block_start", "content_block_stop", "message_delta", "message_stop"],
  );
});

test("thinking whose text is omitted still carries its signature", async () => {
  const text = written([
    start,
    { type: "block-start", index: 0, block: { type: "reasoning" } },
    { type: "block-end", index: 0, state: { dialect: "anthropic", kind: "signature", value: "sig" } },
    ...done,
  ]);
  checkAnthropicStream(text);
  assert.deepEqual((await sdkMessage(text)).content, [{ type: "thinking", thinking: "", signature: "sig" }]);
});

test("a refusal is text and the stop reason refusal", async () => {
  const text = written([
    start,
    { type: "block-start", index: 0, block: { type: "refusal" } },
    { type: "refusal-delta", index: 0, text: "No." },
    { type: "block-end", index: 0 },
    ...done,
  ]);
  const message = await sdkMessage(text);
  assert.equal(message.stop_reason, "refusal");
  assert.deepEqual(message.content, [{ type: "text", text: "No." }]);
});

test("a truncated call keeps max_tokens as its stop reason", async () => {
  const text = written([start, ...call(0, "c", ['{"a']), { type: "finish", reason: "length" }, { type: "end" }]);
  checkAnthropicStream(text);
  assert.match(text, /"stop_reason":"max_tokens"/);
});

test("server tool blocks go through, their input as a delta; other dialects' blocks are left out", () => {
  const frames = checkAnthropicStream(
    written([
      start,
      {
        type: "opaque",
        index: 0,
        part: {
          type: "opaque",
          dialect: "anthropic",
          what: "server_tool_use",
          value: { type: "server_tool_use", id: "srv", name: "web_search", input: { query: "x" } },
        },
      },
      {
        type: "opaque",
        index: 1,
        part: { type: "opaque", dialect: "openai-responses", what: "web_search_call", value: {} },
      },
      ...done,
    ]),
  );
  assert.deepEqual(frames[2]?.data["delta"], { type: "input_json_delta", partial_json: '{"query":"x"}' });
  assert.equal(frames.length, 6);
});

test("citations follow their text; those of other dialects become web search locations", async () => {
  const text = written([
    start,
    { type: "block-start", index: 0, block: { type: "text" } },
    { type: "text-delta", index: 0, text: "Blue." },
    { type: "citation", index: 0, citation: { url: "https://a.example", title: "A", start: 0, end: 5 } },
    { type: "block-end", index: 0 },
    ...done,
  ]);
  checkAnthropicStream(text);
  const [block] = (await sdkMessage(text)).content;
  assert.equal(block?.type === "text" && block.citations?.[0]?.type, "web_search_result_location");
});

test("a failed upstream ends in one error event, never in message_stop", async () => {
  const text = written([
    start,
    { type: "block-start", index: 0, block: { type: "text" } },
    { type: "text-delta", index: 0, text: "Hal" },
    { type: "error", failure: { kind: "overloaded", message: "busy", code: "overloaded_error" } },
  ]);
  const frames = checkAnthropicStream(text);
  assert.deepEqual(frames.at(-1)?.data, { type: "error", error: { type: "overloaded_error", message: "busy" } });
  await assert.rejects(sdkMessage(text));
});

test("an error before the first event needs no message_start", () => {
  const frames = framesOf(written([{ type: "error", failure: { kind: "rate-limit", message: "slow down" } }]));
  assert.deepEqual(
    frames.map((frame) => frame.event),
    ["error"],
  );
});

test("input tokens are the estimate first and the truth at the end", async () => {
  const message = await sdkMessage(written([start, ...done]));
  assert.equal(message.usage.input_tokens, 10);
  assert.equal(message.usage.cache_read_input_tokens, 60);
  assert.equal(message.usage.output_tokens, 7);
});

test("whatever the events, the stream keeps the grammar", () => {
  const block = fc.record({
    kind: fc.constantFrom("text", "reasoning", "refusal", "tool-call"),
    texts: fc.array(fc.string(), { maxLength: 3 }),
    overlap: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(block, { maxLength: 8 }), (blocks) => {
      const events: ChatEvent[] = [start];
      const late: ChatEvent[] = [];
      blocks.forEach(({ kind, texts, overlap }, index) => {
        const tool = kind === "tool-call";
        if (tool) events.push(...call(index, `c${index}`, []).slice(0, 1));
        else if (kind === "text" || kind === "refusal" || kind === "reasoning")
          events.push({ type: "block-start", index, block: { type: kind } });
        const delta = tool ? "arguments-delta" : `${kind}-delta`;
        for (const text of texts)
          if (
            delta === "arguments-delta" ||
            delta === "text-delta" ||
            delta === "reasoning-delta" ||
            delta === "refusal-delta"
          )
            (tool && overlap ? late : events).push({ type: delta, index, text });
        (tool && overlap ? late : events).push({ type: "block-end", index });
      });
      checkAnthropicStream(written([...events, ...late, ...done]));
    }),
  );
});

test("a search another provider ran is shown as Anthropic shows searches, whole and streamed", async () => {
  const search = { id: "ws_1", queries: ["news"], results: [{ url: "https://a.example", title: "A" }] };
  const part: OpaquePart = { type: "opaque", dialect: "openai-responses", what: "web_search_call", value: {}, search };
  const text = written([start, { type: "opaque", index: 0, part }, ...done]);
  checkAnthropicStream(text);
  const { content } = await sdkMessage(text);
  const [use, result] = content;
  assert.ok(use?.type === "server_tool_use" && result?.type === "web_search_tool_result");
  assert.deepEqual(use.input, { query: "news" });
  assert.equal(result.tool_use_id, use.id);
  assert.deepEqual(searchOf(asJsonObject(result)), { id: use.id, queries: [], results: search.results });
  const whole = writeResponse({ id: "a", model: "m", parts: [part], finish: { reason: "stop" } }, answerContext());
  assert.deepEqual(whole["content"], JSON.parse(JSON.stringify(content)));
});

test("what an answer has no place for here is told once; a refusal says why", () => {
  const lost: string[] = [];
  const writer = writeStream({
    ...answerContext(),
    lost: (field, treatment) => void lost.push(`${field} ${treatment}`),
  });
  const image: OpaquePart = { type: "opaque", dialect: "ollama", what: "images", value: [] };
  const events: ChatEvent[] = [
    start,
    { type: "opaque", index: 0, part: image },
    { type: "opaque", index: 1, part: image },
    { type: "block-start", index: 2, block: { type: "text" } },
    { type: "text-delta", index: 2, text: "t" },
    { type: "citation", index: 2, citation: { title: "a file" } },
    { type: "block-end", index: 2 },
    { type: "finish", reason: "refusal", refusal: { category: "cyber" } },
    { type: "end" },
  ];
  const text = events.map((event) => writer.write(event)).join("");
  assert.deepEqual(lost, ["images dropped", "citations dropped"]);
  assert.match(text, /"stop_details":\{"type":"refusal","category":"cyber","explanation":null\}/);
});

function asJsonObject(value: object): JsonObject {
  const json: JsonObject = JSON.parse(JSON.stringify(value));
  return json;
}
