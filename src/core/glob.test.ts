import { equal } from "node:assert/strict";
import { test } from "node:test";
import { globs } from "./glob.ts";

test("patterns of names", () => {
  for (const [pattern, name, expected] of [
    ["claude-*", "claude-opus-4-5", true],
    ["claude-*", "CLAUDE-", true],
    ["claude-*", "anthropic/claude-opus", false],
    ["*claude*", "anthropic/claude-opus", true],
    ["gpt-?", "gpt-5", true],
    ["gpt-?", "gpt-", false],
    ["gpt-?", "gpt-5o", false],
    ["gpt-5", "gpt-5", true],
    ["gpt-5", "gpt-5-mini", false],
    ["*-mini", "gpt-5-mini-mini", true],
    ["*", "", true],
    ["", "", true],
    ["", "x", false],
    ["a.c", "abc", false],
    ["*a*a*a*a*a*a*a*a*b", "a".repeat(50_000), false],
  ] as const)
    equal(globs([pattern])(name), expected, `${pattern} ${name.slice(0, 40)}`);
  equal(globs(["x", "gpt-*"])("gpt-5"), true);
  equal(globs([])("gpt-5"), false);
});
