import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { filtered, filterOf } from "./filter.ts";
import { phaseOf, tokensPerSecond } from "./rate.ts";
import { type LiveRow, rowAfter } from "./row.ts";

function row(id: string, more: Partial<LiveRow>): LiveRow {
  return { ...rowAfter(undefined, { type: "classified", id, ts_ms: 1_000, tags: [] }), ...more };
}

const ROWS = [
  row("a", { provider: "claude", sentModel: "opus", tags: ["code"], outcome: "ok", preview: "Fix the Clock" }),
  row("b", {
    provider: "local",
    requestedModel: "opus",
    responseTags: ["code"],
    outcome: "target",
    error: "500: clock",
  }),
  row("c", { agent: "codex", outcome: "client-gone", session: "s-1" }),
  row("d", { rule: "fallback", client: "ollama" }),
];
const found = (query: string) =>
  filtered(ROWS, filterOf(new URLSearchParams(query)))
    .map(({ id }) => id)
    .join("");

test("each filter, as the store takes them", () => {
  deepEqual(
    ["provider=claude", "model=opus", "tag=code", "agent=codex", "client=ollama", "session=s-1", "rule=fallback"].map(
      found,
    ),
    ["a", "ab", "ab", "c", "d", "c", "d"],
  );
  deepEqual(["outcome=error", "outcome=ok", "outcome=client-gone"].map(found), ["b", "a", "c"]);
  equal(found("model=opus&outcome=ok"), "a");
});

test("words, all of them, anywhere, in any case", () => {
  deepEqual(["q=clock", "q=CLOCK+500", "q=opus+fix", "q=nothing"].map(found), ["ab", "b", "a", ""]);
});

test("what is no filter filters nothing", () => {
  equal(filtered(ROWS, filterOf(new URLSearchParams("x=1&tag="))), ROWS);
});

test("tokens per second: from the first token on, of streams only", () => {
  const answer = { startedMs: 0, timeToFirstTokenMs: 500, outputTokens: 100, stream: true };
  equal(tokensPerSecond(row("x", { ...answer, endedMs: 2_500 })), 50);
  equal(tokensPerSecond(row("x", { ...answer, heardMs: 1_500 })), 100);
  equal(tokensPerSecond(row("x", { ...answer, heardMs: 510 })), undefined);
  equal(tokensPerSecond(row("x", { ...answer, endedMs: 2_500, stream: false })), undefined);
  equal(tokensPerSecond(row("x", { ...answer, endedMs: 2_500, timeToFirstTokenMs: null })), undefined);
});

test("what is happening", () => {
  const phases: Partial<LiveRow>[] = [
    {},
    { provider: "p" },
    { provider: "p", attemptCount: 1 },
    { provider: "p", reasoning: "hm" },
    { provider: "p", reasoning: "hm", text: "x" },
    { provider: "p", text: "x", tool: "read" },
    { endedMs: 5, outcome: "timeout", tool: "read" },
  ];
  deepEqual(
    phases.map((more) => phaseOf(row("x", more))),
    ["routing", "waiting", "retrying", "thinking", "streaming", "calling read", "timeout"],
  );
});
