import { deepEqual, equal } from "node:assert/strict";
import { describe, test } from "node:test";
import type { CompleteEvent, RouterEvent } from "../../../src/record/events.ts";
import { Book } from "./book.ts";

function start(id: string, ts_ms = 1_000): RouterEvent {
  return {
    type: "start",
    id,
    ts_ms,
    model: "gpt-5.5",
    in_flight: 1,
    client: "openai",
    agent: "curl",
    session: null,
    key: null,
    stream: true,
    preview: "What does the clock say?",
  };
}

const DECISION = [
  { rule: 0, label: 'prefix "x-"', outcome: "passed" },
  { rule: 1, label: "fallback → claude", outcome: "chosen" },
];

function complete(id: string, more: Partial<CompleteEvent> = {}): CompleteEvent {
  return {
    type: "complete",
    id,
    ts_ms: 3_000,
    provider: "claude",
    requested_model: "gpt-5.5",
    sent_model: "opus",
    duration_ms: 2_000,
    tags: ["time"],
    plugins: ["stamp"],
    trace_id: null,
    system: null,
    messages: [],
    response: {
      id: "r",
      model: "opus",
      content: "x".repeat(1_000),
      stop_reason: "end_turn",
      tool_calls: [],
      usage: { input_tokens: 3, output_tokens: 9 },
      tags: ["refused"],
    },
    error: null,
    outcome: "ok",
    status: 200,
    client: "openai",
    agent: "curl",
    session: null,
    key: null,
    stream: true,
    passthrough: false,
    time_to_first_token_ms: 400,
    usage: null,
    cost: { usd: 0.25, source: "configured" },
    losses: [{ field: "seed", treatment: "dropped", class: "report" }],
    decision: DECISION,
    warnings: [],
    attempts: [{ provider: "claude", model: "opus", outcome: "ok", at_ms: 1, ms: 1_999 }],
    config_version: 1,
    prefix_hash: null,
    ...more,
  };
}

const progress = (id: string, text: string | null, output_tokens: number): RouterEvent => ({
  type: "progress",
  id,
  ts_ms: 2_000,
  text,
  reasoning: null,
  tool: null,
  output_tokens,
  time_to_first_token_ms: 400,
});

describe("the book of exchanges", () => {
  test("a row fills in as events arrive, and moves down when it is over", () => {
    const book = new Book();
    book.apply([start("a")]);
    const [started] = book.view.flying;
    deepEqual(
      [started?.requestedModel, started?.agent, started?.preview, started?.provider],
      ["gpt-5.5", "curl", "What does the clock say?", null],
    );
    book.apply([
      { type: "classified", id: "a", ts_ms: 1_001, tags: ["time"] },
      { type: "routed", id: "a", ts_ms: 1_002, provider: "main", model: "m", decision: DECISION },
    ]);
    deepEqual(
      book.view.flying.map(({ tags, rule, provider }) => [tags, rule, provider]),
      [[["time"], "fallback → claude", "main"]],
    );
    book.apply([
      {
        type: "attempt",
        id: "a",
        ts_ms: 1_100,
        attempt: 1,
        provider: "main",
        model: "m",
        outcome: "target",
        at_ms: 2,
        ms: 98,
        next: { provider: "claude", model: "opus" },
      },
      { type: "warning", id: "a", ts_ms: 1_101, warning: "reasoning_stripped", message: "asked again", details: {} },
      progress("a", "It is ", 2),
      progress("a", "12:00", 4),
    ]);
    const [row] = book.view.flying;
    deepEqual(
      [row?.provider, row?.sentModel, row?.attemptCount, row?.warningCount, row?.text, row?.outputTokens],
      ["claude", "opus", 1, 1, "It is 12:00", 4],
    );
    book.apply([complete("a")]);
    equal(book.view.flying.length, 0);
    const [done] = book.view.done;
    deepEqual(
      [done?.outcome, done?.startedMs, done?.cost?.usd, done?.losses, done?.responseTags, done?.preview],
      ["ok", 1_000, 0.25, 1, ["refused"], "What does the clock say?"],
    );
    equal(done?.text.length, 300, "of a long answer only the beginning is kept");
  });

  test("in flight and finished: newest first each", () => {
    const book = new Book();
    book.apply([start("a"), start("b"), complete("c"), complete("d")]);
    deepEqual(
      book.view.flying.map(({ id }) => id),
      ["b", "a"],
    );
    deepEqual(
      book.view.done.map(({ id }) => id),
      ["d", "c"],
    );
  });

  test("a row that nothing happened to stays the same object, the view until the next batch", () => {
    const book = new Book();
    book.apply([start("a"), start("b")]);
    const { view } = book;
    equal(book.view, view);
    const before = view.flying.find(({ id }) => id === "a");
    book.apply([progress("b", "x", 1)]);
    equal(
      book.view.flying.find(({ id }) => id === "a"),
      before,
    );
  });

  test("who comes in the middle sees what comes from then on", () => {
    const book = new Book();
    book.apply([progress("a", null, 7), complete("b")]);
    deepEqual(
      book.view.flying.map(({ id, outputTokens }) => [id, outputTokens]),
      [["a", 7]],
    );
    equal(book.view.done[0]?.requestedModel, "gpt-5.5");
  });

  test("what is told again from its start is not there twice", () => {
    const book = new Book();
    for (let times = 0; times < 2; times++) book.apply([start("a"), progress("a", "It is ", 2)]);
    deepEqual(
      book.view.flying.map(({ id, text }) => [id, text]),
      [["a", "It is "]],
    );
  });

  test("is bounded, and counts what it no longer keeps", () => {
    const book = new Book(10);
    for (let n = 0; n < 100; n++) book.apply([complete(`${n}`, n % 2 === 0 ? {} : { outcome: "target" })]);
    book.apply([complete("left", { outcome: "client-gone" })]);
    equal(book.view.done.length, 10);
    equal(book.view.done[0]?.id, "left");
    deepEqual([book.view.completed, book.view.failed], [101, 50]);
    for (let n = 0; n < 3_000; n++) book.apply([start(`open ${n}`)]);
    equal(book.view.flying.length, 2_000);
    book.forgetFlying();
    equal(book.view.flying.length, 0);
    equal(book.view.gaps, 1);
  });

  test("adds up what was said and what it cost, also of those it no longer keeps", () => {
    const book = new Book(1);
    const usage = {
      input_tokens: 3,
      output_tokens: 9,
      cached_read_tokens: 0,
      cache_write_tokens: 0,
      reasoning_tokens: 0,
      reported: true,
    };
    for (let n = 0; n < 4; n++) book.apply([complete(`${n}`, { usage })]);
    book.apply([complete("free", { cost: { usd: null, source: "unknown" } })]);
    deepEqual([book.view.outputTokens, book.view.costUsd], [36, 1]);
  });

  test("events of no exchange change nothing", () => {
    const book = new Book();
    book.apply([{ type: "config", ts_ms: 1, version: 2, ok: true, problems: [], source: "file", changes: [] }]);
    deepEqual([book.view.flying, book.view.done, book.view.completed, book.view.gaps], [[], [], 0, 0]);
  });
});
