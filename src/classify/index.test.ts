import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { CLASSIFIER_KINDS, RESPONSE_CLASSIFIER_KINDS, runClassifiers } from "./index.ts";

test("every classifier of the folder is listed", () => {
  const rest = new Set(["classifier.ts", "index.ts", "run.ts"]);
  const files = readdirSync(import.meta.dirname).filter((file) => !file.endsWith(".test.ts") && !rest.has(file));
  const names = [...CLASSIFIER_KINDS, ...RESPONSE_CLASSIFIER_KINDS].map((kind) => `${kind.name}.ts`);
  assert.deepEqual(names.sort(), files.sort());
});

test("one that fails half way is logged and leaves no tags; the others count", () => {
  const lines: string[] = [];
  const failing = {
    id: "bad",
    *classify() {
      yield "half";
      throw new Error("broke");
    },
  };
  const good = { id: "good", classify: (subject: string) => [subject, subject] };
  const tags = runClassifiers([failing, good], "x", (_level, line) => lines.push(line));
  assert.deepEqual([...tags], ["x"]);
  assert.deepEqual(lines, ["classifier bad failed and was skipped: broke"]);
});
