import { deepEqual, doesNotThrow, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { SLOW_PATTERN, slowText } from "../../test/support/evil-patterns.ts";
import { linearPattern, SearchTime } from "./linear-pattern.ts";

test("finds all matches, as indices of the text", () => {
  const text = "😀 EMP-123456, emp-654321";
  const found = (ignoreCase: boolean) =>
    linearPattern("\\bEMP-\\d{6}\\b", { ignoreCase })
      .matches(text)
      .map(({ start, end }) => text.slice(start, end));
  deepEqual(found(false), ["EMP-123456"]);
  deepEqual(found(true), ["EMP-123456", "emp-654321"]);
  deepEqual(linearPattern("x*").matches("axxb"), [{ start: 1, end: 3 }]);
  deepEqual(linearPattern("x*").matches(""), []);
  equal(linearPattern("\\bdog\\b").test("hot dog"), true);
  equal(linearPattern("\\bdog\\b").test("hotdog"), false);
});

test("what has no linear time is refused, and it is said why", () => {
  for (const source of [
    "(?=a)b",
    "(?!a)b",
    "(?<=a)b",
    "(a)\\1",
    "a{1,2000}",
    "((a{1,100}){1,100}){1,100}",
    "[",
    "(",
    "a**",
  ])
    throws(() => linearPattern(source), /^Error: the pattern ".*" cannot be searched for in linear time: .+/s, source);
  for (const source of ["(?<year>\\d{4})", "\\u00e9", "\\p{L}+", "(?i)x", "^a$", "a|b", "a{1,500}"])
    doesNotThrow(() => linearPattern(source), source);
});

test("counts inside counts are too large, and said to be", () => {
  for (const source of ["(?s).{0,500}a.{0,500}b$", "(xy{0,2}){400}"])
    throws(() => linearPattern(source), /too large: \d+ steps for each character/, source);
});

test("patterns that ruin other engines", () => {
  const text = `${"a".repeat(20_000)}!`;
  const startedMs = performance.now();
  for (const source of ["^(a+)+$", "(a|a)*$b", "(a|aa)+$", "(.*a){12}b", "^(([a-z])+.)+[A-Z]([a-z])+$"])
    equal(linearPattern(source).test(text), false, source);
  // A backtracking engine would not be done this year.
  ok(performance.now() - startedMs < 60_000);
});

test("matches that look at all that follows end by the clock", () => {
  const pattern = linearPattern("a(.*b)?");
  throws(
    () => pattern.matches("a".repeat(100_000), new SearchTime(1)),
    /takes too long on a text of 100000 characters/,
  );
  equal(pattern.matches("a".repeat(3)).length, 3);
});

test("a search that takes too long is ended in the middle, and the next one finds what there is", () => {
  const pattern = linearPattern(SLOW_PATTERN);
  const text = slowText(100_000);
  const time = new SearchTime(1);
  for (let turn = 0; turn < 2; turn++) throws(() => pattern.test(text, time), /takes too long/);
  equal(pattern.test(`${"a".repeat(400)}`), true);
  equal(pattern.test(`${"a".repeat(200)}`), false);
});
