import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { anyResponse } from "../../test/support/answers.ts";
import type { ChatEvent } from "./event.ts";
import { eventsOf, ResponseBuilder, reduceEvents } from "./response.ts";

test("an answer taken apart into events and added up again is the same answer", () => {
  fc.assert(
    fc.property(anyResponse, (response) => {
      const built = reduceEvents(eventsOf(response));
      assert.deepEqual(built.response(), response);
      assert.equal(built.closed, true);
      assert.equal(built.failure, undefined);
    }),
    { numRuns: 300 },
  );
});

test("the events of an answer keep the grammar: indices count up, one finish, one end", () => {
  fc.assert(
    fc.property(anyResponse, (response) => {
      const events = eventsOf(response);
      const opened = events.flatMap((event) =>
        event.type === "block-start" || event.type === "opaque" ? [event.index] : [],
      );
      assert.deepEqual(opened, [...opened.keys()]);
      assert.equal(events[0]?.type, "start");
      assert.equal(events.at(-1)?.type, "end");
      for (const type of ["start", "finish", "end"])
        assert.equal(events.filter((event) => event.type === type).length, 1);
    }),
  );
});

test("parts no answer can hold leave no gap in the indices", () => {
  const events = eventsOf({
    id: "a",
    model: "m",
    parts: [
      { type: "image", source: { kind: "url", url: "https://a" } },
      { type: "text", text: "b" },
    ],
    finish: { reason: "stop" },
  });
  assert.deepEqual(
    events.flatMap((event) => ("index" in event ? [event.index] : [])),
    [0, 0, 0],
  );
});

test("interleaved blocks come out in order of opening, each with its own text", () => {
  const events: ChatEvent[] = [
    { type: "start", id: "a", model: "m" },
    { type: "block-start", index: 0, block: { type: "tool-call", id: "x", name: "t", kind: "function" } },
    { type: "block-start", index: 1, block: { type: "tool-call", id: "y", name: "u", kind: "custom" } },
    { type: "arguments-delta", index: 1, text: "1" },
    { type: "arguments-delta", index: 0, text: "{" },
    { type: "arguments-delta", index: 1, text: "2" },
    { type: "arguments-delta", index: 0, text: "}" },
    { type: "block-end", index: 1 },
    { type: "block-end", index: 0 },
    { type: "end" },
  ];
  const built = reduceEvents(events);
  assert.deepEqual(built.response().parts, [
    { type: "tool-call", id: "x", name: "t", arguments: "{}", kind: "function" },
    { type: "tool-call", id: "y", name: "u", arguments: "12", kind: "custom" },
  ]);
  assert.equal(built.sawToolCall, true);
  assert.equal(built.response().finish.reason, "tool_calls");
});

test("the last usage counts, wherever it came", () => {
  const usage = {
    input: 1,
    output: 0,
    cachedRead: 0,
    cacheWrite: 0,
    cacheWriteLong: 0,
    reasoning: 0,
    reported: true,
  };
  const built = reduceEvents([
    { type: "start", id: "a", model: "m", usage },
    { type: "usage", usage: { ...usage, output: 2 } },
    { type: "finish", reason: "stop" },
    { type: "usage", usage: { ...usage, output: 3 } },
  ]);
  assert.equal(built.usage?.output, 3);
  assert.equal(built.closed, false);
});

test("an error closes the answer and leaves what came before it", () => {
  const built = new ResponseBuilder();
  built.add({ type: "start", id: "a", model: "m" });
  built.add({ type: "block-start", index: 0, block: { type: "text" } });
  built.add({ type: "text-delta", index: 0, text: "half" });
  built.add({ type: "error", failure: { kind: "cut", message: "cut" } });
  assert.equal(built.closed, true);
  assert.equal(built.failure?.kind, "cut");
  assert.deepEqual(built.response().parts, [{ type: "text", text: "half" }]);
});

test("what has a limit keeps the beginning, counts what it leaves out, and still knows how the answer ended", () => {
  const built = new ResponseBuilder();
  built.keepAtMost(10_000);
  built.add({ type: "start", id: "a", model: "m" });
  built.add({ type: "block-start", index: 0, block: { type: "text" } });
  for (let at = 0; at < 1000; at++) built.add({ type: "text-delta", index: 0, text: "x".repeat(100) });
  built.add({ type: "citation", index: 0, citation: { url: "https://a.test" } });
  built.add({ type: "block-end", index: 0 });
  built.add({ type: "block-start", index: 1, block: { type: "tool-call", id: "t", name: "f", kind: "function" } });
  built.add({ type: "arguments-delta", index: 1, text: "{}" });
  built.add({ type: "block-end", index: 1, state: { dialect: "gemini", kind: "signature", value: "s" } });
  built.add({ type: "opaque", index: 2, part: { type: "opaque", dialect: "openai", what: "w", value: {} } });
  built.add({ type: "finish", reason: "tool_calls" });
  built.add({ type: "end" });
  const { parts, omitted, finish } = built.response();
  assert.equal(parts.length, 1);
  const kept = parts[0]?.type === "text" ? parts[0].text.length : 0;
  assert.ok(kept > 7_000 && kept < 8_000, `${kept} kept`);
  assert.equal(kept + (omitted ?? 0), 100_002);
  assert.equal(finish.reason, "tool_calls");
  assert.deepEqual([built.closed, built.sawToolCall], [true, true]);
});

test("millions of empty steps are too much as well, and so is what is no text", () => {
  const value = { data: "x".repeat(20_000) };
  for (const event of [
    { type: "text-delta", index: 0, text: "" },
    { type: "citation", index: 0, citation: { title: "t" } },
    { type: "text-delta", index: 0, text: "", logprobs: [{ token: "t", logprob: -1, bytes: [116], top: [] }] },
    { type: "block-start", index: 1, block: { type: "text" } },
    { type: "opaque", index: 1, part: { type: "opaque", dialect: "openai", what: "w", value } },
  ] satisfies ChatEvent[]) {
    const built = new ResponseBuilder();
    built.keepAtMost(10_000);
    built.add({ type: "block-start", index: 0, block: { type: "text" } });
    for (let at = 0; at < 500; at++) built.add(event);
    assert.equal(built.response().omitted, 0, JSON.stringify(event));
  }
});

test("tells what was said since it was asked last, apart for text, thinking and tool calls", () => {
  const answer = new ResponseBuilder();
  const mark: number[] = [];
  answer.add({ type: "start", id: "1", model: "m" });
  assert.deepEqual(answer.saidSince(mark), { text: "", reasoning: "", arguments: "" });
  answer.add({ type: "block-start", index: 0, block: { type: "reasoning" } });
  answer.add({ type: "reasoning-delta", index: 0, text: "Hm" });
  answer.add({ type: "block-end", index: 0 });
  answer.add({ type: "block-start", index: 1, block: { type: "text" } });
  answer.add({ type: "text-delta", index: 1, text: "It " });
  assert.deepEqual(answer.saidSince(mark), { text: "It ", reasoning: "Hm", arguments: "" });
  answer.add({ type: "text-delta", index: 1, text: "is " });
  answer.add({ type: "text-delta", index: 1, text: "12" });
  answer.add({ type: "block-start", index: 2, block: { type: "tool-call", id: "t", name: "clock", kind: "function" } });
  answer.add({ type: "arguments-delta", index: 2, text: '{"a' });
  assert.deepEqual(answer.saidSince(mark), { text: "is 12", reasoning: "", arguments: '{"a', tool: "clock" });
  assert.deepEqual(answer.saidSince(mark), { text: "", reasoning: "", arguments: "" });
});
