import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { reportedUsage, uncachedInput } from "./usage.ts";

const NAMES = ["input", "output", "cachedRead", "cacheWrite", "cacheWriteLong", "reasoning"] as const;
const anyNumber = fc.oneof(fc.nat(), fc.integer(), fc.double());

test("whatever a provider reports, no number is negative and no part exceeds its whole (vercel/ai 83e6510)", () => {
  const tokens = fc.record(
    {
      input: anyNumber,
      output: anyNumber,
      cachedRead: anyNumber,
      cacheWrite: anyNumber,
      cacheWriteLong: anyNumber,
      reasoning: anyNumber,
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(tokens, (reported) => {
      const usage = reportedUsage(reported);
      for (const name of NAMES) assert.ok(Number.isInteger(usage[name]) && usage[name] >= 0, name);
      assert.ok(usage.cachedRead + usage.cacheWrite <= usage.input);
      assert.ok(usage.cacheWriteLong <= usage.cacheWrite);
      assert.ok(usage.reasoning <= usage.output);
      assert.ok(uncachedInput(usage) >= 0);
    }),
    { numRuns: 500 },
  );
});

test("sound numbers are left as they are, and uncached + read + write is the whole input", () => {
  const usage = reportedUsage({
    input: 100,
    output: 20,
    cachedRead: 60,
    cacheWrite: 30,
    cacheWriteLong: 10,
    reasoning: 5,
  });
  assert.deepEqual(usage, {
    input: 100,
    output: 20,
    cachedRead: 60,
    cacheWrite: 30,
    cacheWriteLong: 10,
    reasoning: 5,
    reported: true,
  });
  assert.equal(uncachedInput(usage), 10);
});

test("more tokens than any call uses are none: sums of them would never be right again", () => {
  const usage = reportedUsage({ input: 1e17, output: Number.POSITIVE_INFINITY, cachedRead: 1e300 });
  assert.deepEqual([usage.input, usage.output, usage.cachedRead], [0, 0, 0]);
});

test("over-subtraction by a server of the other convention ends at zero (claude-code-router 17fd7458)", () => {
  assert.equal(uncachedInput(reportedUsage({ input: 10, cachedRead: 500, cacheWrite: 7 })), 0);
});
