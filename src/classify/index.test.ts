import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { CLASSIFIER_KINDS, RESPONSE_CLASSIFIER_KINDS } from "./index.ts";

test("every classifier of the folder is listed", () => {
  const rest = new Set(["classifier.ts", "index.ts", "run.ts"]);
  const files = readdirSync(import.meta.dirname).filter((file) => !file.endsWith(".test.ts") && !rest.has(file));
  const names = [...CLASSIFIER_KINDS, ...RESPONSE_CLASSIFIER_KINDS].map((kind) => `${kind.name}.ts`);
  assert.deepEqual(names.sort(), files.sort());
});
