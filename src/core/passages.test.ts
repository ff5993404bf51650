import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { Passages, type Placed } from "./passages.ts";

interface One extends Placed {
  readonly name: string;
}

const named = (name: string): One => ({ name, place: -1 });

test("what ends is gone, the others are still there, whoever ends first", () => {
  const passages = new Passages<One>();
  const all = [..."abcd"].map(named);
  for (const one of all) passages.add(one);
  const names = () => [...passages].map(({ name }) => name).sort();
  for (const [index, left] of [
    [1, ["a", "c", "d"]],
    [3, ["a", "c"]],
    [0, ["c"]],
    [0, ["c"]],
    [2, []],
  ] as const) {
    const one = all[index];
    if (one) passages.delete(one);
    deepEqual([names(), passages.size], [left, left.length]);
  }
});

test("some may end while they are looked at", () => {
  const passages = new Passages<One>();
  for (const name of "abc") passages.add(named(name));
  let seen = 0;
  for (const one of passages) {
    seen++;
    passages.delete(one);
  }
  deepEqual([seen, passages.size], [3, 0]);
});

test("one that never began is not taken for the one in its place", () => {
  const passages = new Passages<One>();
  passages.add(named("a"));
  passages.delete({ name: "b", place: 0 });
  equal(passages.size, 1);
});
