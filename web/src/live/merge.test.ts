import { equal } from "node:assert/strict";
import { test } from "node:test";
import { merged } from "./merge.ts";
import { type LiveRow, rowAfter } from "./row.ts";

function row(id: string, more: Partial<LiveRow>): LiveRow {
  return { ...rowAfter(undefined, { type: "classified", id, ts_ms: 1_000, tags: [] }), ...more };
}

test("what the feed told and what the store has become one list, newest first, none twice", () => {
  const at = (id: string, endedMs: number | undefined) => row(id, { endedMs });
  const seen = [at("flying", undefined), at("new", 50), at("old", 20)];
  const stored = [at("new", 50), at("missed", 30), at("old", 20), at("older", 10)];
  const ids = (rows: readonly LiveRow[]) => rows.map(({ id }) => id).join(" ");
  equal(ids(merged(seen, stored)), "flying new missed old older");
  equal(ids(merged([], stored)), "new missed old older");
  equal(merged(seen, []), seen);
});
