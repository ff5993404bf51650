import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { PAGE, withTables } from "../scripts/translation-table.ts";

test("docs/translation.md shows what the code decides by (npm run docs writes it)", () => {
  const page = readFileSync(PAGE, "utf8");
  assert.equal(page, withTables(page));
});

test("a page without the markers is told of", () => {
  assert.throws(() => withTables("# Translation"), /no markers for features/);
});
