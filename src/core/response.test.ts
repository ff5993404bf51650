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
