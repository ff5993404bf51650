import { doesNotThrow, throws } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { checkShape } from "./body-shape.ts";

const check = (text: string) => checkShape(Buffer.from(text));
/** A member before what is tried, so that the body is large enough to be looked at. */
const behind = (rest: string) => `{"pad":"${"x".repeat(70_000)}",${rest}}`;
const nested = (levels: number) => "[".repeat(levels) + "]".repeat(levels);
const keys = (count: number) => `{${Array.from({ length: count }, (_, at) => `"k${at}" : 1`).join()}}`;

test("as deep, as wide and as much as it may be, and one more", () => {
  for (const right of [nested(999), keys(20_000), `[${keys(15_000)},${keys(15_000)}]`, `[${"0,".repeat(999_000)}0]`])
    doesNotThrow(() => check(behind(`"v":${right}`)));
  throws(() => check(behind(`"v":${nested(1_000)}`)), /the request body is nested more than 1000 levels deep/);
  throws(() => check(behind(`"v":${keys(20_001)}`)), /the request body has an object with more than 20000 keys/);
  throws(() => check(behind(`"v":[${"0,".repeat(1_000_000)}0]`)), /the request body has more than 1000000 values/);
});

test("brackets and colons in strings are text, whatever stands before the quote that ends them", () => {
  const text = '[{:,"\\'.repeat(30_000);
  doesNotThrow(() => check(JSON.stringify([text, { [text]: text }, "\\", '"'])));
});

test("text that is no JSON is left to the parser", () => {
  for (const broken of ['"'.padEnd(70_000, "x"), "]".repeat(70_000), `"${"\\".repeat(70_000)}`])
    doesNotThrow(() => check(broken));
});

test("no value that people write is refused", () => {
  fc.assert(
    fc.property(fc.json(), (json) => {
      check(behind(`"v":${json}`));
    }),
    { numRuns: 50 },
  );
});
