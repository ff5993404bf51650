import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { written } from "../../../../test/support/anthropic-context.ts";
import type { ChatEvent } from "../../../core/event.ts";
import type { Json, JsonObject } from "../../../core/json.ts";
import { reduceEvents } from "../../../core/response.ts";
import { namedEvent } from "../../bytes/stream.ts";
import { readResponse } from "./read-response.ts";
import { readStream } from "./read-stream.ts";

function read(text: string, cuts: readonly number[] = []): ChatEvent[] {
  const bytes = Buffer.from(text, "utf8");
  const reader = readStream();
  const out: ChatEvent[] = [];
  const edges = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  for (let at = 1; at < edges.length; at++) reader.push(bytes.subarray(edges[at - 1], edges[at]), out);
  reader.end(out);
  return out;
}

function stream(...frames: JsonObject[]): string {
  return frames.map((frame) => namedEvent(String(frame["type"]), frame)).join("");
}

const messageStart: JsonObject = {
  type: "message_start",
  message: {
    id: "msg_1",
    model: "m",
    content: [],
    usage: { input_tokens: 5, cache_read_input_tokens: 90, output_tokens: 1 },
  },
};
const stop: JsonObject[] = [
  { type: "message_delta", delta: { stop_reason: "end_turn", stop_sequence: null }, usage: { output_tokens: 12 } },
  { type: "message_stop" },
];

function block(index: number, content: JsonObject, ...deltas: JsonObject[]): JsonObject[] {
  return [
    { type: "content_block_start", index, content_block: content },
    ...deltas.map((delta) => ({ type: "content_block_delta", index, delta })),
    { type: "content_block_stop", index },
  ];
}

const citation = {
  type: "web_search_result_location",
  url: "https://a.example",
  title: "A",
  cited_text: "x",
  encrypted_index: "E",
};
const everything = stream(
  messageStart,
  { type: "ping" },
  ...block(
    0,
    { type: "thinking", thinking: "", signature: "" },
    { type: "thinking_delta", thinking: "Überlegen 🤔" },
    { type: "signature_delta", signature: "c2ln" },
  ),
  ...block(1, { type: "redacted_thinking", data: "RED" }),
  ...block(
    2,
    { type: "server_tool_use", id: "s1", name: "web_search", input: {} },
    { type: "input_json_delta", partial_json: '{"q":1}' },
  ),
  ...block(3, {
    type: "web_search_tool_result",
    tool_use_id: "s1",
    content: [{ type: "web_search_result", url: "u" }],
  }),
  ...block(
    4,
    { type: "text", text: "", citations: [] },
    { type: "citations_delta", citation },
    { type: "text_delta", text: "日本" },
    { type: "text_delta", text: "語" },
  ),
  ...block(
    5,
    { type: "tool_use", id: "t1", name: "f", input: {}, caller: { type: "direct" } },
    { type: "input_json_delta", partial_json: "" },
    { type: "input_json_delta", partial_json: '{"a":' },
    { type: "input_json_delta", partial_json: "1}" },
  ),
  { type: "message_delta", delta: { stop_reason: "tool_use" }, usage: { output_tokens: 30, input_tokens: 7 } },
  { type: "message_stop" },
);

test("every kind of block and delta becomes its event", () => {
  const { failure, ...rest } = reduceEvents(read(everything));
  assert.equal(failure, undefined);
  assert.equal(rest.closed, true);
  const response = reduceEvents(read(everything)).response();
  assert.deepEqual(response.finish, { reason: "tool_calls", native: "tool_use" });
  assert.deepEqual(response.parts, [
    { type: "reasoning", text: "Überlegen 🤔", state: { dialect: "anthropic", kind: "signature", value: "c2ln" } },
    { type: "reasoning", text: "", state: { dialect: "anthropic", kind: "redacted", value: "RED" } },
    {
      type: "opaque",
      dialect: "anthropic",
      what: "server_tool_use",
      value: { type: "server_tool_use", id: "s1", name: "web_search", input: { q: 1 } },
      search: { id: "s1", queries: [], results: [] },
    },
    {
      type: "opaque",
      dialect: "anthropic",
      what: "web_search_tool_result",
      value: { type: "web_search_tool_result", tool_use_id: "s1", content: [{ type: "web_search_result", url: "u" }] },
      search: { id: "s1", queries: [], results: [{ url: "u", title: "" }] },
    },
    {
      type: "text",
      text: "日本語",
      citations: [
        {
          raw: { dialect: "anthropic", value: citation },
          url: "https://a.example",
          title: "A",
          citedText: "x",
          start: 0,
          end: 3,
        },
      ],
    },
    { type: "tool-call", id: "t1", name: "f", arguments: '{"a":1}', kind: "function" },
  ]);
});

test("usage of message_delta replaces what it names and keeps the rest; input includes cached tokens", () => {
  const { usage } = reduceEvents(read(everything));
  assert.deepEqual(usage && { input: usage.input, cachedRead: usage.cachedRead, output: usage.output }, {
    input: 97,
    cachedRead: 90,
    output: 30,
  });
});

test("any slicing of the bytes gives the same events", () => {
  const whole = read(everything);
  fc.assert(
    fc.property(fc.array(fc.nat(), { maxLength: 12 }), (cuts) => {
      assert.deepEqual(read(everything, cuts), whole);
    }),
    { numRuns: 60 },
  );
  for (const ends of ["\r\n", "\r"]) assert.deepEqual(read(everything.replaceAll("\n", ends)), whole, "line ends");
});

test("what the writer makes of a stream reads back as the same answer", () => {
  const first = reduceEvents(read(everything));
  const again = reduceEvents(read(written(read(everything))));
  assert.deepEqual(again.response(), first.response());
});

test("a whole body and its stream are the same answer", () => {
  const body: Json = {
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "m",
    content: [
      { type: "thinking", thinking: "t", signature: "s" },
      { type: "text", text: "hello" },
      { type: "tool_use", id: "t1", name: "f", input: { z: 1, a: [2] } },
      { type: "tool_use", id: "t2", name: "g", input: {} },
    ],
    stop_reason: "tool_use",
    stop_sequence: null,
    usage: { input_tokens: 5, output_tokens: 12, cache_creation: { ephemeral_1h_input_tokens: 4 } },
  };
  const streamed = stream(
    { type: "message_start", message: { ...body, content: [], usage: { input_tokens: 5, output_tokens: 0 } } },
    ...block(
      0,
      { type: "thinking", thinking: "", signature: "" },
      { type: "thinking_delta", thinking: "t" },
      { type: "signature_delta", signature: "s" },
    ),
    ...block(1, { type: "text", text: "" }, { type: "text_delta", text: "hello" }),
    ...block(
      2,
      { type: "tool_use", id: "t1", name: "f", input: {} },
      { type: "input_json_delta", partial_json: '{"z":1,"a":[2]}' },
    ),
    ...block(3, { type: "tool_use", id: "t2", name: "g", input: {} }),
    {
      type: "message_delta",
      delta: { stop_reason: "tool_use", stop_sequence: null },
      usage: { output_tokens: 12, cache_creation: { ephemeral_1h_input_tokens: 4 } },
    },
    { type: "message_stop" },
  );
  assert.deepEqual(reduceEvents(readResponse(body)).response(), reduceEvents(read(streamed)).response());
});

test("an argument-less call has the arguments {}, and the empty start input is no prefix of others", () => {
  const events = read(
    stream(
      messageStart,
      ...block(0, { type: "tool_use", id: "a", name: "f", input: {} }),
      ...block(
        1,
        { type: "tool_use", id: "b", name: "f", input: {} },
        { type: "input_json_delta", partial_json: '{"x":2}' },
      ),
      ...stop,
    ),
  );
  const calls = reduceEvents(events).response().parts;
  assert.deepEqual(
    calls.map((part) => part.type === "tool-call" && part.arguments),
    ["{}", '{"x":2}'],
  );
});

test("a call is not closed because its partial JSON already parses", () => {
  const deltas = ["1", "2"].map((partial_json) => ({ type: "input_json_delta", partial_json }));
  const events = read(
    stream(messageStart, ...block(0, { type: "tool_use", id: "a", name: "f", input: {} }, ...deltas), ...stop),
  );
  const [part] = reduceEvents(events).response().parts;
  assert.equal(part?.type === "tool-call" && part.arguments, "12");
});

test("a repeated message_start is passed over", () => {
  const events = read(stream(messageStart, messageStart, ...block(0, { type: "text", text: "a" }), ...stop));
  assert.equal(events.filter((event) => event.type === "start").length, 1);
});

test("a block start for each token is one block", () => {
  const text = (value: string): JsonObject[] => [
    { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
    { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: value } },
  ];
  const events = read(
    stream(messageStart, ...text("a"), ...text("b"), { type: "content_block_stop", index: 0 }, ...stop),
  );
  assert.deepEqual(reduceEvents(events).response().parts, [{ type: "text", text: "ab" }]);
});

test("blocks a server forgot to stop, indices it skipped and calls it interleaved are put right", () => {
  const tool = (index: number, id: string): JsonObject => ({
    type: "content_block_start",
    index,
    content_block: { type: "tool_use", id, name: "f", input: {} },
  });
  const part = (index: number, partial_json: string): JsonObject => ({
    type: "content_block_delta",
    index,
    delta: { type: "input_json_delta", partial_json },
  });
  const events = read(
    stream(
      messageStart,
      { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
      { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "a" } },
      tool(4, "x"),
      tool(7, "y"),
      part(4, '{"a"'),
      part(7, '{"b":1'),
      part(4, ":0}"),
      part(7, "}"),
      ...stop,
    ),
  );
  assert.deepEqual(
    events.filter((event) => event.type === "block-start").map((event) => event.index),
    [0, 1, 2],
  );
  assert.equal(events.filter((event) => event.type === "block-end").length, 3);
  const { parts, finish } = reduceEvents(events).response();
  assert.deepEqual(
    parts.map((p) => (p.type === "tool-call" ? p.arguments : p.type)),
    ["text", '{"a":0}', '{"b":1}'],
  );
  assert.equal(finish.reason, "tool_calls", "end_turn after calls means tool_use");
});

test("a stream cut at any event is never a clean finish", () => {
  const frames = everything.split("\n\n").slice(0, -1);
  for (let kept = 0; kept < frames.length; kept++) {
    const last = read(
      frames
        .slice(0, kept)
        .map((frame) => `${frame}\n\n`)
        .join(""),
    ).at(-1);
    assert.equal(last?.type === "error" && last.failure.kind, "cut", `after ${kept} events`);
  }
});

test("an error event in mid-stream is an error with its code, and nothing counts after it", () => {
  const events = read(
    stream(
      messageStart,
      ...block(0, { type: "text", text: "a" }),
      { type: "error", error: { type: "overloaded_error", message: "Overloaded" } },
      ...stop,
    ),
  );
  assert.deepEqual(events.at(-1), {
    type: "error",
    failure: { kind: "overloaded", message: "Overloaded", code: "overloaded_error" },
  });
});

test("[DONE] from a gateway neither ends a whole answer badly nor saves a cut one", () => {
  assert.equal(read(`${stream(messageStart, ...stop)}data: [DONE]\n\n`).at(-1)?.type, "end");
  assert.equal(read(`${stream(messageStart)}data: [DONE]\n\n`).at(-1)?.type, "error");
});

test("a stream of another API is refused, an unknown event passed over", () => {
  assert.throws(() => read('data: {"id":"x","choices":[]}\n\n'), /Anthropic/);
  assert.equal(read(stream(messageStart, { type: "heartbeat_v2" }, ...stop)).at(-1)?.type, "end");
});

test("frames without an event line are read by their type", () => {
  const bare = everything.replaceAll(/event: .*\n/g, "");
  assert.deepEqual(read(bare), read(everything));
});

test("a call made by a program at the provider is kept whole", () => {
  const value = {
    type: "tool_use",
    id: "t",
    name: "f",
    input: {},
    caller: { type: "code_execution_20260120", tool_id: "s" },
  };
  const events = read(
    stream(messageStart, ...block(0, value, { type: "input_json_delta", partial_json: '{"a":1}' }), ...stop),
  );
  const response = reduceEvents(events).response();
  assert.deepEqual(response.parts, [
    { type: "opaque", dialect: "anthropic", what: "tool_use", value: { ...value, input: { a: 1 } } },
  ]);
  assert.equal(response.finish.reason, "tool_calls");
});

test("a 200 whose body is an error is an error; a body of another API is refused", () => {
  const [event] = readResponse({ type: "error", error: { type: "api_error", message: "broken" } });
  assert.deepEqual(event, { type: "error", failure: { kind: "target", message: "broken", code: "api_error" } });
  assert.throws(() => readResponse({ choices: [] }), /Anthropic/);
});

test("a search says what it looked for and found; a refusal why; work apart from the totals counts", () => {
  const found = [{ type: "web_search_result", url: "https://a.example", title: "A", encrypted_content: "x" }];
  const use = { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: {} };
  const usage = {
    output_tokens: 12,
    iterations: [
      { type: "message", input_tokens: 5, output_tokens: 12 },
      { type: "compaction", input_tokens: 1000, cache_read_input_tokens: 10, output_tokens: 100 },
    ],
  };
  const stop_details = { type: "refusal", category: "bio", explanation: "no" };
  const {
    parts,
    finish,
    usage: counted,
  } = reduceEvents(
    read(
      stream(
        messageStart,
        ...block(0, use, { type: "input_json_delta", partial_json: '{"query":"news"}' }),
        ...block(1, { type: "web_search_tool_result", tool_use_id: "srvtoolu_1", content: found }),
        { type: "message_delta", delta: { stop_reason: "refusal", stop_details }, usage },
        { type: "message_stop" },
      ),
    ),
  ).response();
  assert.deepEqual(
    parts.map((part) => part.type === "opaque" && part.search),
    [
      { id: "srvtoolu_1", queries: ["news"], results: [] },
      { id: "srvtoolu_1", queries: [], results: [{ url: "https://a.example", title: "A" }] },
    ],
  );
  assert.deepEqual(finish.refusal, { category: "bio", explanation: "no" });
  assert.deepEqual([counted?.input, counted?.output, counted?.cachedRead], [5 + 90 + 1010, 112, 100]);
});

test("a second answer in the middle of the first is an error: what was told of the first cannot be taken back", () => {
  const [start, delta] = block(0, { type: "text", text: "" }, { type: "text_delta", text: "half" });
  const other = { type: "message_start", message: { id: "msg_2", model: "m", content: [] } };
  const events = read(stream(messageStart, start ?? {}, delta ?? {}, other, ...stop));
  const last = events.at(-1);
  assert.equal(last?.type === "error" && last.failure.kind, "malformed");
  assert.equal(reduceEvents(read(stream(messageStart, other, ...stop))).failure, undefined);
});
