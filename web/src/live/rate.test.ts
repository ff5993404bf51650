import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { phaseOf, tokensPerSecond } from "./rate.ts";
import { type LiveRow, rowAfter } from "./row.ts";

function row(id: string, more: Partial<LiveRow>): LiveRow {
  return { ...rowAfter(undefined, { type: "classified", id, ts_ms: 1_000, tags: [] }), ...more };
}

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
