import { deepEqual } from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const SRC = join(import.meta.dirname, "..");
/** What may stand in a template: a number or a name that is written down in the source, `${LIKE_THIS}`; and `table`, of a list there. */
const WRITTEN_DOWN = /^(?:[A-Z][A-Z_0-9]*|table)$/;

test("no text from outside gets into a statement: templates hold constants only, and nothing is put together with +", () => {
  const found: string[] = [];
  for (const file of globSync("**/*.ts", { cwd: SRC, exclude: ["**/*.test.ts"] })) {
    const source = readFileSync(join(SRC, file), "utf8");
    if (!source.includes("node:sqlite")) continue;
    for (const [, argument = ""] of source.matchAll(/\b(?:prepare|exec|prepareWrite)\(([^;]*);/g)) {
      const foreign = [...argument.matchAll(/\$\{([^}]*)\}/g)].filter(([, inside = ""]) => !WRITTEN_DOWN.test(inside));
      if (foreign.length > 0 || /["`]\s*\+|\+\s*["`]/.test(argument)) found.push(`${file}: ${argument.slice(0, 80)}`);
    }
  }
  deepEqual(found, []);
});
