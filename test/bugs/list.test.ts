import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

/** Bugs that other gateways had, each a test of this folder by its number, its cause and where it was reported. */
const BUGS = 52;

test("each bug of the list is tested once, named after its cause and its report", () => {
  const files = readdirSync(import.meta.dirname).filter((file) => file.endsWith(".test.ts"));
  const sources = files.map((file) => readFileSync(join(import.meta.dirname, file), "utf8")).join("\n");
  const named = [...sources.matchAll(/^ *test\(["'](\d+)\. (.+) \((.+)\)["'], /gm)];
  const numbers = named.map(([, number]) => Number(number)).sort((one, other) => one - other);
  assert.deepEqual(
    numbers,
    Array.from({ length: BUGS }, (_, at) => at + 1),
  );
  for (const [, number, , report] of named)
    assert.match(report ?? "", /\S+[#/ ]\S+|MinusPod/, `${number} has no report`);
});
