import assert from "node:assert/strict";
import { test } from "node:test";
import { EVIL_PATTERNS, EVIL_TEXTS, SLOW_PATTERN, slowText } from "../../../test/support/evil-patterns.ts";
import { PatternTags } from "./pattern-tags.ts";

test("30 patterns that ruin other engines, on 8 KB each: all come to an end", () => {
  assert.equal(EVIL_PATTERNS.length, 30);
  for (const source of EVIL_PATTERNS) {
    const patterns = new PatternTags({ tags: { x: [source] }, max_chars: 1_000_000 });
    for (const text of EVIL_TEXTS) patterns.search(() => undefined).look(text);
  }
});

test("a pattern that takes too long is not looked for any further, with a word; the others are", () => {
  const told: string[] = [];
  const patterns = new PatternTags({ tags: { slow: [SLOW_PATTERN], quick: ["dd"] }, max_chars: 1_000_000 });
  const search = patterns.search((message) => void told.push(message));
  const text = slowText(300_000);
  assert.deepEqual([search.look(text), search.look(text), search.look("dd")], [false, false, true]);
  assert.deepEqual(search.found, ["quick"]);
  assert.match(
    told.join(),
    /^tag slow is not looked for any further: the pattern "[^"]+" takes too long on a text of 300001 characters$/,
  );
});

test("a tag that was found is not looked for again, and when all were found nothing is", () => {
  const search = new PatternTags({ tags: { a: ["a"], b: ["b", "c"], none: [] }, max_chars: 10 }).search(
    () => undefined,
  );
  assert.deepEqual([search.look("a"), search.look("a c"), search.look("b")], [false, true, true]);
  assert.deepEqual(search.found, ["a", "b"]);
});
