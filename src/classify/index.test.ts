import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { CLASSIFIER_KINDS, RESPONSE_CLASSIFIER_KINDS } from "./index.ts";

for (const [folder, kinds] of [
  ["request", CLASSIFIER_KINDS],
  ["response", RESPONSE_CLASSIFIER_KINDS],
] as const) {
  test(`every classifier of the folder ${folder} is listed`, () => {
    const files = readdirSync(join(import.meta.dirname, folder)).filter((file) => !file.endsWith(".test.ts"));
    assert.deepEqual(kinds.map(({ name }) => `${name}.ts`).sort(), files.sort());
  });
}
