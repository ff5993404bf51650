import { equal, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { reportedUsage } from "../core/usage.ts";
import { costOf, type Prices } from "./cost.ts";
import { expectedOutput, expectedPer1M } from "./expected-cost.ts";
import { priceList, pricesAt } from "./price-list.ts";

const price = fc.double({ min: 0, max: 100, noNaN: true });
const prices = fc
  .record({ input: price, output: price, cachedRead: price })
  .map((some): Prices => ({ ...some, cacheWrite: some.input, cacheWriteLong: some.input, source: "configured" }));
const tokens = fc
  .record({ input: fc.nat(300_000), output: fc.nat(20_000), share: fc.double({ min: 0, max: 1, noNaN: true }) })
  .map(({ input, output, share }) => ({ input, output, cached: Math.floor(input * share) }));

test("it is what the request will cost if it turns out as expected, for each million of its tokens", () => {
  fc.assert(
    fc.property(tokens, prices, (expected, taken) => {
      const { input, cached, output } = expected;
      fc.pre(input + output > 0);
      const { usd } = costOf(reportedUsage({ input, cachedRead: cached, output }), taken);
      const per1M = expectedPer1M(expected, taken);
      // Costs are rounded to a picodollar.
      ok(usd !== null && Math.abs((per1M * (input + output)) / 1e6 - usd) <= 1e-12 + usd * 1e-9);
    }),
  );
});

test("the cheaper of two by it is the cheaper one altogether", () => {
  fc.assert(
    fc.property(tokens, prices, prices, (expected, one, other) => {
      const sum = ({ input, output, cachedRead }: Prices) =>
        (expected.input - expected.cached) * input + expected.cached * cachedRead + expected.output * output;
      const difference = sum(one) - sum(other);
      fc.pre(Math.abs(difference) > 1e-6 * (1 + sum(one)));
      equal(Math.sign(expectedPer1M(expected, one) - expectedPer1M(expected, other)), Math.sign(difference));
    }),
  );
});

test("of nothing at all it is the price of input", () => {
  const taken: Prices = { input: 3, output: 15, cachedRead: 1, cacheWrite: 3, cacheWriteLong: 3, source: "configured" };
  equal(expectedPer1M({ input: 0, cached: 0, output: 0 }, taken), 3);
});

test("an answer is as long as those before, 400 tokens where there were none, and never longer than allowed", () => {
  equal(expectedOutput(undefined, undefined), 400);
  equal(expectedOutput(1234.4, undefined), 1234);
  equal(expectedOutput(1234, 100), 100);
  equal(expectedOutput(undefined, 16), 16);
  equal(expectedOutput(0, undefined), 0);
});

test("a list of prices by length: one step for all of its tokens; flat where all are the same", () => {
  const of = (input: number, output = input, cachedRead = input): Prices => {
    return { input, output, cachedRead, cacheWrite: input, cacheWriteLong: input, source: "catalogue" };
  };
  const [short, long] = [of(1, 10), of(2, 15)];
  const list = priceList([
    { above: 0, prices: short },
    { above: 200_000, prices: long },
  ]);
  for (const [input, expected] of [
    [0, short],
    [200_000, short],
    [200_001, long],
  ] as const)
    equal(pricesAt(list, input), expected);
  equal(list.flat, undefined);
  equal(priceList([{ above: 0, prices: of(0.3) }]).flat?.value, 0.3);
  equal(priceList([{ above: 0, prices: of(0.3, 0.3, 0.1) }]).flat, undefined);
});

test("a limit that is none is not looked at", () => {
  for (const limit of [-1, 0, Number.NaN, -1e308]) equal(expectedOutput(70, limit), 70);
  equal(expectedOutput(70, 1e308), 70);
  equal(expectedOutput(70, 9), 9);
});
