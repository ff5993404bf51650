import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { type Filterable, filterableAfter, parseFilter } from "./filter.ts";

const EXCHANGES: Record<string, Filterable> = {
  a: { provider: "claude", sent_model: "claude-opus-5", tags: ["code"], outcome: "ok", preview: "Fix the Clock" },
  b: {
    provider: "local",
    requested_model: "claude-opus-5",
    response_tags: ["code"],
    outcome: "timeout",
    error: "clock",
    status: 504,
    attempts: 2,
    tried: ["cloud", "local"],
    plugins: ["web"],
  },
  c: { agent: "codex", outcome: "client-gone", session: "s-1", status: null },
  d: { rule: "fallback → best of all", client: "ollama", requested_model: "llama3:8b" },
};

function found(filter: string): string {
  const wanted = parseFilter(filter);
  return Object.entries(EXCHANGES)
    .filter(([, exchange]) => wanted(exchange))
    .map(([name]) => name)
    .join("");
}

test("name:value looks at one thing, whole, in any case; * stands for any characters", () => {
  const filters = ["provider:claude", "provider:clau", "PROVIDER:CLAUDE", "model:*opus*", "tag:code", "agent:codex"];
  deepEqual(filters.map(found), ["a", "", "a", "ab", "ab", "c"]);
  deepEqual(["client:ollama", "session:s-1", "rule:fallback*", 'rule:"fallback → best*"'].map(found), "dcdd".split(""));
});

test("several things must all be so, of several values of one thing one will do", () => {
  equal(found("model:claude-opus-5 outcome:ok"), "a");
  equal(found("provider:claude provider:local"), "ab");
});

test("status: error, ok, an outcome, or what HTTP says", () => {
  const filters = ["status:error", "status:ok", "outcome:timeout", "status:client-gone", "status:504", "status:5*"];
  deepEqual(filters.map(found), ["b", "a", "b", "c", "b", "b"]);
});

test("running, failover, who was asked before, and plugins", () => {
  deepEqual(["status:running", "outcome:failover", "provider:cloud", "plugin:web", "plugin:w"].map(found), [
    "d",
    "b",
    "b",
    "b",
    "",
  ]);
});

test("words, all of them, anywhere; a model with a colon in its name is one", () => {
  deepEqual(["clock", "CLOCK timeout", '"the clock"', "fix clock", "llama3:8b", "nothing"].map(found), [
    "ab",
    "b",
    "a",
    "a",
    "d",
    "",
  ]);
});

test("what is empty or still being typed asks for nothing", () => {
  deepEqual(["", "  ", "provider:", '"'].map(found), ["abcd", "abcd", "abcd", "abcd"]);
});

test("an exchange is known bit by bit, failover included", () => {
  const id = "1";
  let known: Filterable = {};
  const after = (event: Parameters<typeof filterableAfter>[1], filter: string) => {
    known = filterableAfter(known, event);
    return parseFilter(filter)(known);
  };
  const start = {
    type: "start",
    id,
    ts_ms: 1,
    model: "m",
    in_flight: 1,
    client: "openai",
    agent: "curl",
    key: null,
    session: null,
    stream: false,
    preview: "hello",
  } as const;
  equal(after(start, "model:m client:openai agent:curl hello"), true);
  equal(parseFilter("provider:a")(known), false);
  equal(after({ type: "classified", id, ts_ms: 1, tags: ["x"] }, "tag:x"), true);
  const decision = [{ rule: 0, label: "fallback", outcome: "chosen" }];
  const attempt = {
    type: "attempt",
    id,
    ts_ms: 3,
    attempt: 1,
    provider: "a",
    model: "am",
    outcome: "timeout",
  } as const;
  equal(
    after({ type: "routed", id, ts_ms: 2, provider: "a", model: "am", decision }, "provider:a rule:fallback"),
    true,
  );
  equal(after({ ...attempt, at_ms: 0, ms: 1, next: { provider: "b", model: "bm" } }, "provider:b model:bm"), true);
  equal(parseFilter("provider:a status:failover status:running")(known), true);
});
