import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fold, foldings } from "./fold.ts";
import { Search, WordFinder } from "./word-finder.ts";

/** Pairs and triples of one letter, letters that look like it and are another, and some without case. */
const LETTERS = [
  "a",
  "A",
  "b",
  "k",
  "K",
  "\u212a",
  "s",
  "S",
  "\u017f",
  "ß",
  "ẞ",
  "i",
  "I",
  "ı",
  "İ",
  "σ",
  "ς",
  "Σ",
  "é",
];
const MORE = ["É", "ǆ", "ǅ", "Ǆ", "ꭰ", "Ꭰ", "ﬅ", "ﬆ", "𐐀", "𐐨", "𐓀", "😀", "😁", "字", " ", "\n", "0"];
const letter = fc.constantFrom(...LETTERS, ...MORE);
const few = fc.constantFrom("a", "A", "b", "K", "\u212a", "𐐀", "𐐨");
const word = fc.array(fc.oneof(few, letter), { minLength: 1, maxLength: 4 }).map((letters) => letters.join(""));
const text = fc.array(fc.oneof(few, letter), { maxLength: 20 }).map((letters) => letters.join(""));
const groups = fc.array(fc.array(word, { maxLength: 5 }), { maxLength: 4 });

function found(finder: WordFinder, texts: readonly string[]): number[] {
  const search = new Search(finder);
  for (const one of texts) search.look(one);
  return [...search.found].sort();
}

test("finds what regular expressions with `iu` find, with a table of all steps, of some and of those of the root only", () => {
  fc.assert(
    fc.property(groups, fc.array(text, { maxLength: 4 }), fc.constantFrom(1, 40, 1 << 22), (words, texts, entries) => {
      const expected = words.flatMap((own, group) => {
        const isIn = (one: string) => own.some((each) => new RegExp(each, "iu").test(one));
        return texts.some(isIn) ? [group] : [];
      });
      assert.deepEqual(found(new WordFinder(words, entries), texts), expected);
    }),
    { numRuns: 400 },
  );
});

test("says when nothing more can be found", () => {
  const search = new Search(new WordFinder([["one"], [], ["two", "three"]]));
  assert.equal(search.isOver, false);
  search.look("one");
  assert.equal(search.isOver, false);
  search.look("THREE");
  assert.equal(search.isOver, true);
  assert.deepEqual([...search.found], [0, 2]);
});

test("words within words, and words that end in others", () => {
  const finder = new WordFinder([["abcd"], ["bc"], ["c"], ["cdx"], ["abcde"]]);
  assert.deepEqual(found(finder, ["xabcdx"]), [0, 1, 2, 3]);
  assert.deepEqual(found(finder, ["ab", "cd"]), [2]);
});

test("folding keeps lengths, and does nothing twice", () => {
  for (const [character, small] of foldings()) {
    assert.equal(small.length, character.length, character);
    assert.equal(fold(small), small, character);
    assert.ok(new RegExp(`^${character}$`, "iu").test(small), character);
  }
  assert.equal(fold("STRASSE ẞ ΣΑΣ İI"), "strasse ß σασ İi");
  for (let code = 0x41; code <= 0x10_ffff; code++) {
    const character = String.fromCodePoint(code);
    const small = character.toLowerCase();
    if (small !== character && small.length === character.length)
      assert.equal(fold(character), fold(small), code.toString(16));
  }
});
