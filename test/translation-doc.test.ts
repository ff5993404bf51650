import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { PAGES, pathOf, withTables } from "../scripts/translation-table.ts";

for (const page of Object.keys(PAGES)) {
  test(`docs/${page} shows what the code decides by (npm run docs writes it)`, () => {
    const text = readFileSync(pathOf(page), "utf8");
    assert.equal(text, withTables(page, text));
  });
}

test("a page without the markers is told of", () => {
  assert.throws(() => withTables("translation.md", "# Translation"), /no markers for features/);
});
