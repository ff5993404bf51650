import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { filtered, filterOf } from "./filter.ts";
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
