import { deepEqual } from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

/** Whatever makes elements or code of a text. */
const MAKERS =
  /innerHTML|outerHTML|insertAdjacentHTML|document\.write|dangerouslySetInnerHTML|createContextualFragment|setHTMLUnsafe|DOMParser|srcdoc|\beval\(|new Function\b/i;

test("nothing in the page makes elements or code of a text", () => {
  const files = globSync("**/*.{ts,tsx}", { cwd: import.meta.dirname, exclude: ["**/*.test.ts"] });
  deepEqual(
    files.filter((file) => MAKERS.test(readFileSync(join(import.meta.dirname, file), "utf8"))),
    [],
  );
});
