import { doesNotThrow, equal, throws } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Json } from "../core/json.ts";
import { checkShape } from "./body-shape.ts";
import { keysIn } from "./one-reading.ts";

const check = (text: string, items = 1_000_000) => checkShape(text, items);
const nested = (levels: number) => "[".repeat(levels) + "]".repeat(levels);
const keys = (count: number) => `{${Array.from({ length: count }, (_, at) => `"k${at}" : 1`).join()}}`;

test("as deep, as wide and as much as it may be, and one more", () => {
  for (const right of [nested(1_000), keys(20_000), `[${keys(15_000)},${keys(15_000)}]`, `[${"0,".repeat(999_000)}0]`])
    doesNotThrow(() => check(right));
  throws(() => check(nested(1_001)), /the request body is nested more than 1000 levels deep/);
  throws(() => check(keys(20_001)), /the request body has an object with more than 20000 keys/);
  throws(() => check(`[${"0,".repeat(1_000_000)}0]`), /the request body has more than 1000000 values/);
});

test("objects are counted down to the parts of a tool's result", () => {
  const at = (levels: number) => `${"[".repeat(levels - 1)}${Array(101).fill("{}").join()}${"]".repeat(levels - 1)}`;
  doesNotThrow(() => check(at(8), 100));
  for (const levels of [1, 3, 7]) throws(() => check(at(levels), 100), /has more than 100 messages, parts and tools/);
  doesNotThrow(() => check(at(7), 101));
});

test("brackets and colons in strings are text, whatever stands before the quote that ends them", () => {
  const text = '[{:,"\\'.repeat(30_000);
  doesNotThrow(() => check(JSON.stringify([text, { [text]: text }, "\\", '"'])));
});

test("text that is no JSON is left to the parser", () => {
  for (const broken of ['"'.padEnd(70_000, "x"), "]".repeat(70_000), `"${"\\".repeat(70_000)}`])
    doesNotThrow(() => check(broken));
});

test("counts all keys, those that stand there twice as well", () => {
  equal(check('{"a":{"a:{":1,"b":[{},{"":2}]}, "\\\\" : "x:y","a":3}'), 6);
  fc.assert(fc.property(fc.jsonValue(), (value) => equal(check(JSON.stringify(value)), keysIn(copyOf(value)))));
});

/** As JSON gives it. */
function copyOf(value: unknown): Json {
  const copy: Json = JSON.parse(JSON.stringify(value));
  return copy;
}
