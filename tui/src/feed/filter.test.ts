import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { parseFilter } from "../../../src/remote/filter.ts";
import { type LiveRow, rowAfter } from "../../../web/src/live/row.ts";
import { asTyped, RowFilter, whileTyped } from "./filter.ts";

function rowOf(id: string, more: Partial<LiveRow>): LiveRow {
  return { ...rowAfter(undefined, { type: "classified", id, ts_ms: 0, tags: [] }), ...more };
}

const ATTEMPT = { provider: "cloud", model: "m", outcome: "timeout", at_ms: 0, ms: 1 } as const;
const ROWS = [
  rowOf("a", {
    provider: "claude",
    tags: ["private"],
    outcome: "ok",
    status: 200,
    key: "TEAM_A",
    preview: "Fix the clock",
  }),
  rowOf("b", { provider: "local", attempts: [ATTEMPT], attemptCount: 2, outcome: "timeout", plugins: ["web"] }),
  rowOf("c", { requestedModel: "claude-opus-5", responseTags: ["refusal"], rule: "fallback → best", client: "openai" }),
];
const found = (text: string) =>
  new RowFilter(text)
    .of(ROWS)
    .map(({ id }) => id)
    .join("");

test("a row is found by all that watch finds it by, in the same words", () => {
  deepEqual(["provider:claude", "provider:clau", "provider:c*", "tag:private", "key:team_a", "plugin:web"].map(found), [
    "a",
    "",
    "ab",
    "a",
    "a",
    "b",
  ]);
  deepEqual(["status:200", "status:error", "status:running", "status:failover", "tag:refusal"].map(found), [
    ..."abcbc",
  ]);
  deepEqual(['rule:"fallback*"', "client:openai", "clock", "claude", "tag:private tag:refusal", ""].map(found), [
    "c",
    "c",
    "a",
    "ac",
    "ac",
    "abc",
  ]);
  equal(parseFilter("provider:claude")({ provider: "claude" }), true);
});

test("while a value is being typed its beginning is enough; what was only begun when it ends gets a *", () => {
  deepEqual(
    ["provider:cl", 'fix rule:"fallback →', "provider:", "provider:cl ", "clo", "llama3:8", 'rule:"fallback"'].map(
      whileTyped,
    ),
    ["provider:cl*", 'fix rule:"fallback →*', "provider:", "provider:cl ", "clo", "llama3:8", 'rule:"fallback"'],
  );
  deepEqual(
    ["provider:cl", "provider:claude", " provider:nobody", "clo "].map((text) => asTyped(text, ROWS)),
    ["provider:cl*", "provider:claude", "provider:nobody", "clo"],
  );
});
