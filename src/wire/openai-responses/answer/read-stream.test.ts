import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { answerContext, anyResponse } from "../../../../test/support/answers.ts";
import { readAll } from "../../../../test/support/streams.ts";
import type { ChatEvent } from "../../../core/event.ts";
import type { JsonObject } from "../../../core/json.ts";
import type { Part } from "../../../core/part.ts";
import { eventsOf, reduceEvents } from "../../../core/response.ts";
import { responsesClient } from "../client.ts";
import { responsesProvider } from "../provider.ts";

function sse(...events: JsonObject[]): string {
  return events.map((event) => `event: ${event["type"]}\ndata: ${JSON.stringify(event)}\n\n`).join("");
}

function read(text: string, sizes?: number[]): ChatEvent[] {
  return readAll(responsesProvider.readStream(), text, sizes);
}

function partsOf(text: string): Part[] {
  return reduceEvents(read(text)).response().parts;
}

const created = {
  type: "response.created",
  response: { id: "resp_1", model: "gpt", status: "in_progress", output: [] },
};
const usage = {
  input_tokens: 10,
  input_tokens_details: { cached_tokens: 4, cache_write_tokens: 2 },
  output_tokens: 5,
  output_tokens_details: { reasoning_tokens: 3 },
  total_tokens: 15,
};

function completed(changes: JsonObject = {}): JsonObject {
  return {
    type: "response.completed",
    response: { id: "resp_1", model: "gpt", status: "completed", output: [], usage, ...changes },
  };
}

const message = (id: string, text: string): JsonObject => ({
  type: "message",
  id,
  role: "assistant",
  content: [{ type: "output_text", text, annotations: [] }],
});

const recorded = sse(
  created,
  { type: "response.output_item.added", output_index: 0, item: { type: "reasoning", id: "rs_1", summary: [] } },
  { type: "response.reasoning_summary_part.added", item_id: "rs_1", output_index: 0, summary_index: 0 },
  { type: "response.reasoning_summary_text.delta", item_id: "rs_1", output_index: 0, summary_index: 0, delta: "One." },
  { type: "response.reasoning_summary_text.done", item_id: "rs_1", output_index: 0, summary_index: 0, text: "One." },
  {
    type: "response.reasoning_summary_text.delta",
    item_id: "rs_1",
    output_index: 0,
    summary_index: 1,
    delta: "Two 🙂.",
  },
  {
    type: "response.output_item.done",
    output_index: 0,
    item: {
      type: "reasoning",
      id: "rs_1",
      summary: [{ text: "One." }, { text: "Two 🙂." }],
      encrypted_content: "ENC",
    },
  },
  { type: "response.output_item.added", output_index: 1, item: { type: "message", id: "msg_1", content: [] } },
  {
    type: "response.content_part.added",
    item_id: "msg_1",
    output_index: 1,
    content_index: 0,
    part: { type: "output_text", text: "" },
  },
  { type: "response.output_text.delta", item_id: "msg_1", output_index: 1, content_index: 0, delta: "Hél" },
  { type: "response.output_text.delta", item_id: "msg_1", output_index: 1, content_index: 0, delta: "lo" },
  { type: "response.output_text.done", item_id: "msg_1", output_index: 1, content_index: 0, text: "Héllo" },
  { type: "response.output_item.done", output_index: 1, item: message("msg_1", "Héllo") },
  {
    type: "response.output_item.added",
    output_index: 2,
    item: { type: "function_call", id: "fc_1", call_id: "call_1", name: "look", arguments: "" },
  },
  { type: "response.function_call_arguments.delta", item_id: "fc_1", output_index: 2, delta: '{"a"' },
  { type: "response.function_call_arguments.delta", item_id: "fc_1", output_index: 2, delta: ":1}" },
  { type: "response.function_call_arguments.done", item_id: "fc_1", output_index: 2, arguments: '{"a":1}' },
  {
    type: "response.output_item.done",
    output_index: 2,
    item: { type: "function_call", id: "fc_1", call_id: "call_1", name: "look", arguments: '{"a":1}' },
  },
  completed(),
);

const recordedParts: Part[] = [
  {
    type: "reasoning",
    text: "One.\n\nTwo 🙂.",
    state: { dialect: "openai-responses", kind: "encrypted", value: "ENC" },
    summary: true,
    id: "rs_1",
  },
  { type: "text", text: "Héllo" },
  { type: "tool-call", id: "call_1", name: "look", arguments: '{"a":1}', kind: "function" },
];

test("a stream of reasoning, text and a call", () => {
  const built = reduceEvents(read(recorded));
  assert.deepEqual(built.response(), {
    id: "resp_1",
    model: "gpt",
    parts: recordedParts,
    finish: { reason: "tool_calls", native: "completed" },
    usage: { input: 10, output: 5, cachedRead: 4, cacheWrite: 2, cacheWriteLong: 0, reasoning: 3, reported: true },
  });
  assert.equal(built.failure, undefined);
});

test("router-for-me/CLIProxyAPI#5028: nothing is waited for after response.completed", () => {
  const out: ChatEvent[] = [];
  responsesProvider.readStream().push(new TextEncoder().encode(recorded), out);
  assert.equal(out.at(-1)?.type, "end");
});

test("musistudio/claude-code-router 79f48c00: cut at every byte, the same events", () => {
  assert.deepEqual(read(recorded, [1]), read(recorded));
});

test("vercel/ai#6197: CRLF and CR line ends, and comments between events, change nothing", () => {
  for (const end of ["\r\n", "\r"]) assert.deepEqual(read(recorded.replaceAll("\n", end)), read(recorded));
  assert.deepEqual(read(recorded.replaceAll("\n\n", "\n\n: PROCESSING\n\n")), read(recorded));
});

test("property: any slicing of the bytes gives the same events", () => {
  const whole = read(recorded);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 20 }), (sizes) => {
      assert.deepEqual(read(recorded, sizes), whole);
    }),
  );
});

test("vercel/ai 73d48d0: item ids that change inside the stream do not split an item", () => {
  let turn = 0;
  const rotated = recorded.replace(/"(item_id|id)":"(rs|msg|fc)_1"/g, (_, key) => `"${key}":"rotated_${turn++}"`);
  assert.equal(reduceEvents(read(rotated)).response().parts.length, 3);
  assert.deepEqual(partsOf(rotated).slice(1), recordedParts.slice(1));
});

test("Soju06/codex-lb#504: an item told only when done has its whole text as deltas", () => {
  const events = read(
    sse(created, { type: "response.output_item.done", output_index: 0, item: message("m", "all") }, completed()),
  );
  assert.deepEqual(events.slice(1, 4), [
    { type: "block-start", index: 0, block: { type: "text" } },
    { type: "text-delta", index: 0, text: "all" },
    { type: "block-end", index: 0 },
  ]);
  assert.deepEqual(partsOf(sse(completed({ output: [message("m", "all")] }))), [{ type: "text", text: "all" }]);
});

test("done events tell what the deltas left out, once", () => {
  const text = sse(
    created,
    { type: "response.output_text.delta", item_id: "m", output_index: 0, content_index: 0, delta: "ab" },
    { type: "response.output_text.done", item_id: "m", output_index: 0, content_index: 0, text: "abcd" },
    { type: "response.output_item.done", output_index: 0, item: message("m", "abcd") },
    completed({ output: [message("m", "abcd")] }),
  );
  assert.deepEqual(partsOf(text), [{ type: "text", text: "abcd" }]);
});

test("ggml-org/llama.cpp#21174: events without output_index or sequence_number are placed by item id", () => {
  const bare = recorded.replace(/"(output_index|summary_index|content_index)":\d,/g, "");
  assert.deepEqual(partsOf(bare).slice(1), recordedParts.slice(1));
});

test("vercel/ai ac306ed: a call is over when it is said to be, not when its JSON happens to parse", () => {
  const added = { type: "function_call", id: "f", call_id: "c", name: "n" };
  const text = sse(
    created,
    { type: "response.output_item.added", output_index: 0, item: added },
    { type: "response.function_call_arguments.delta", output_index: 0, item_id: "f", delta: "1" },
    { type: "response.function_call_arguments.delta", output_index: 0, item_id: "f", delta: "2" },
    { type: "response.output_item.done", output_index: 0, item: { ...added, arguments: "12" } },
    completed(),
  );
  assert.deepEqual(partsOf(text), [{ type: "tool-call", id: "c", name: "n", arguments: "12", kind: "function" }]);
});

test("raw reasoning of open models, refusals, custom calls, citations and hosted items", () => {
  const annotation = { type: "url_citation", url: "http://a.test", title: "A", start_index: 0, end_index: 2 };
  const search = { type: "web_search_call", id: "ws", status: "completed" };
  const text = sse(
    created,
    { type: "response.reasoning_text.delta", item_id: "r", output_index: 0, content_index: 0, delta: "raw" },
    { type: "response.web_search_call.searching", item_id: "ws", output_index: 1 },
    { type: "response.output_item.done", output_index: 1, item: search },
    { type: "response.output_text.delta", item_id: "m", output_index: 2, content_index: 0, delta: "hi" },
    { type: "response.output_text.annotation.added", item_id: "m", output_index: 2, content_index: 0, annotation },
    { type: "response.refusal.delta", item_id: "m", output_index: 2, content_index: 1, delta: "no" },
    {
      type: "response.output_item.done",
      output_index: 3,
      item: { type: "custom_tool_call", id: "c", call_id: "k", name: "p", input: "x" },
    },
    completed(),
  );
  assert.deepEqual(partsOf(text), [
    { type: "reasoning", text: "raw" },
    { type: "opaque", dialect: "openai-responses", what: "web_search_call", value: search },
    {
      type: "text",
      text: "hi",
      citations: [
        { url: "http://a.test", title: "A", start: 0, end: 2, raw: { dialect: "openai-responses", value: annotation } },
      ],
    },
    { type: "refusal", text: "no" },
    { type: "tool-call", id: "k", name: "p", arguments: "x", kind: "custom" },
  ]);
});

test("how an answer ends", () => {
  const reasonOf = (type: string, response: JsonObject) => {
    const built = reduceEvents(read(sse(created, { type, response })));
    return built.failure?.kind ?? built.response().finish.reason;
  };
  const incomplete = (reason: string) => ({ status: "incomplete", incomplete_details: { reason } });
  assert.equal(reasonOf("response.completed", { status: "completed" }), "stop");
  assert.equal(reasonOf("response.incomplete", incomplete("max_output_tokens")), "length");
  assert.equal(reasonOf("response.incomplete", incomplete("content_filter")), "refusal");
  assert.equal(reasonOf("response.incomplete", incomplete("steered")), "other");
  assert.equal(reasonOf("response.completed", incomplete("max_output_tokens")), "length");
  const failed = (code: string, message = "m") => ({ status: "failed", error: { code, message } });
  assert.equal(reasonOf("response.failed", failed("rate_limit_exceeded")), "rate-limit");
  assert.equal(reasonOf("response.failed", failed("context_length_exceeded")), "context");
  assert.equal(reasonOf("response.failed", failed("insufficient_quota")), "quota");
  assert.equal(reasonOf("response.failed", failed("server_error")), "target");
  assert.equal(reasonOf("response.failed", {}), "target");
  assert.equal(reasonOf("response.cancelled", { status: "cancelled" }), "target");
});

test("BerriAI/litellm#32475: a failed stream is an error and never a finish; so is an error event", () => {
  const failed = {
    type: "response.failed",
    response: { status: "failed", error: { code: "server_error", message: "oops" } },
  };
  for (const text of [
    sse(created, failed),
    sse(created, { type: "error", code: "server_error", message: "oops", param: null }),
    sse(created, { type: "error", error: { code: "server_error", message: "oops" } }),
    `data: {"error":{"code":"server_error","message":"oops"}}\n\n`,
  ]) {
    const events = read(text);
    assert.deepEqual(events.at(-1), {
      type: "error",
      failure: { kind: "target", message: "oops", code: "server_error" },
    });
    assert.ok(!events.some((event) => event.type === "finish" || event.type === "end"));
  }
});

test("farion1231/cc-switch#4189: cut after any event, the answer is an error", () => {
  const frames = recorded.split("\n\n").slice(0, -2);
  for (let kept = 0; kept <= frames.length; kept++) {
    const text = frames
      .slice(0, kept)
      .map((frame) => `${frame}\n\n`)
      .join("");
    for (const tail of ["", "data: [DONE]\n\n"]) {
      const events = read(text + tail);
      assert.equal(events.at(-1)?.type, "error");
      assert.ok(!events.some((event) => event.type === "finish" || event.type === "end"));
    }
  }
});

test("a whole answer gives the same parts as the stream of it", () => {
  const items = recorded
    .split("\n\n")
    .flatMap((frame) =>
      frame.includes("output_item.done") ? [JSON.parse(frame.slice(frame.indexOf("data: ") + 6)).item] : [],
    );
  const body = { id: "resp_1", model: "gpt", status: "completed", output: items, usage };
  const whole = reduceEvents(responsesProvider.readResponse(body));
  assert.deepEqual(whole.response(), reduceEvents(read(recorded)).response());
});

test("a whole answer that failed, is not finished, or is none", () => {
  const failed = responsesProvider.readResponse({
    status: "failed",
    output: [],
    error: { code: "rate_limit_exceeded", message: "slow" },
  });
  assert.equal(reduceEvents(failed).failure?.kind, "rate-limit");
  assert.equal(reduceEvents(responsesProvider.readResponse({ error: { message: "no" } })).failure?.kind, "target");
  assert.throws(() => responsesProvider.readResponse({ status: "in_progress", output: [] }), /not finished/);
  assert.throws(() => responsesProvider.readResponse({ choices: [] }), /no output/);
  assert.throws(() => responsesProvider.readResponse("hello"), /no output/);
});

test("vercel/ai 83e6510: usage is never negative, its parts never more than the whole", () => {
  const absurd = {
    input_tokens: 5,
    input_tokens_details: { cached_tokens: 9 },
    output_tokens: -3,
    output_tokens_details: { reasoning_tokens: 7 },
  };
  const { usage: got } = reduceEvents(read(sse(created, completed({ usage: absurd }))));
  assert.deepEqual([got?.input, got?.cachedRead, got?.output, got?.reasoning], [5, 5, 0, 0]);
});

test("property: what the client half writes, the provider half reads: text, calls and refusals arrive whole", () => {
  const kept = (parts: readonly Part[]) =>
    parts.flatMap((part) => {
      if (part.type === "text" || part.type === "refusal") return part.text === "" ? [] : [[part.type, part.text]];
      if (part.type !== "tool-call") return [];
      return [[part.kind, part.name, part.kind === "function" ? part.arguments || "{}" : part.arguments]];
    });
  fc.assert(
    fc.property(anyResponse, (response) => {
      const writer = responsesClient.writeStream(answerContext());
      const text = eventsOf(response)
        .map((event) => writer.write(event))
        .join("");
      const back = reduceEvents(read(text));
      assert.equal(back.failure, undefined);
      assert.deepEqual(kept(back.response().parts), kept(response.parts));
    }),
  );
});

test("a call that was cut has no end, so that nobody takes it for one to run", () => {
  const added = { type: "function_call", id: "f", call_id: "c", name: "n" };
  const begun = sse(
    created,
    { type: "response.output_item.added", output_index: 0, item: added },
    { type: "response.function_call_arguments.delta", output_index: 0, item_id: "f", delta: "{}" },
  );
  for (const text of [begun, begun + sse({ type: "response.failed", response: { status: "failed" } })])
    assert.ok(!read(text).some((event) => event.type === "block-end"));
});

test("items announced without a place are told apart by their ids", () => {
  const added = (id: string) => ({ type: "response.output_item.added", item: { type: "message", id, content: [] } });
  const delta = (id: string, text: string) => ({
    type: "response.output_text.delta",
    item_id: id,
    content_index: 0,
    delta: text,
  });
  const done = (id: string, text: string) => ({ type: "response.output_item.done", item: message(id, text) });
  const text = sse(
    created,
    added("a"),
    delta("a", "one"),
    done("a", "one"),
    added("b"),
    done("b", "two"),
    done("c", "three"),
    completed(),
  );
  assert.deepEqual(partsOf(text), [
    { type: "text", text: "one" },
    { type: "text", text: "two" },
    { type: "text", text: "three" },
  ]);
});

test("an item told when done and again at the end counts once", () => {
  const search = { type: "web_search_call", id: "ws", status: "completed" };
  const text = sse(
    created,
    { type: "response.output_item.done", output_index: 0, item: search },
    completed({ output: [search] }),
  );
  assert.equal(partsOf(text).length, 1);
});
