import { createRequire } from "node:module";
import { fitOf } from "../../src/core/bounded/check-schema.ts";
import { globs } from "../../src/core/glob.ts";
import { Finder } from "../../src/plugins/redact/finder.ts";
import { Replacements } from "../../src/plugins/redact/replacements.ts";
import { excerpt } from "../../src/wire/bytes/excerpt.ts";
import { SLOW_PATTERN, slowText } from "../support/evil-patterns.ts";

// A process of its own for s15-evil-patterns.test.ts: does the work that is named, which ends, or does not.

const BACKTRACKING = "^(a+)+$";
const MANY = `${"a".repeat(8 * 1024)}!`;

function failing(run: () => unknown): void {
  try {
    run();
  } catch {
    return;
  }
  throw new Error("it was not refused");
}

const WORK = new Map<string, () => void>([
  [
    "redact",
    () => {
      const own = { name: "x", pattern: SLOW_PATTERN, ignore_case: false };
      const replacements = new Replacements(new Finder([], [own], []));
      const text = slowText(200_000);
      failing(() => {
        for (let turn = 0; turn < 100; turn++) replacements.hide(text);
      });
    },
  ],
  [
    "schema",
    () => {
      const checker: typeof import("@cfworker/json-schema") = createRequire(import.meta.url)("@cfworker/json-schema");
      const { fits } = fitOf(MANY, { type: "string", pattern: BACKTRACKING }, checker.Validator);
      if (fits !== "unknown") throw new Error(`it fits: ${fits}`);
    },
  ],
  [
    "glob",
    () => {
      if (globs([`${"*a".repeat(12)}*b`])("a".repeat(64 * 1024))) throw new Error("it is taken");
    },
  ],
  ["error page", () => void excerpt(502, "<".repeat(4_000_000))],
]);

const work = WORK.get(process.argv[2] ?? "");
if (!work) throw new Error(`no work ${process.argv[2]}: there is ${[...WORK.keys()].join(", ")}`);
console.log("begins");
work();
console.log("ended");
