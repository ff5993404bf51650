import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { reportedUsage } from "../core/usage.ts";
import { type Cost, costOf, NO_COST, type Prices, sumOf, UNKNOWN_COST } from "./cost.ts";

const PRICES: Prices = {
  input: 5,
  output: 25,
  cachedRead: 0.5,
  cacheWrite: 6.25,
  cacheWriteLong: 10,
  source: "configured",
};

for (const [what, tokens, usd] of [
  ["nothing", {}, 0],
  ["input alone", { input: 1_000_000 }, 5],
  ["output, thinking among it", { output: 1_000, reasoning: 900 }, 0.025],
  ["both", { input: 2_000, output: 300 }, 0.0175],
  ["a prompt that was all in the cache", { input: 100_000, cachedRead: 100_000 }, 0.05],
  ["a prompt partly read from it and partly written to it", { input: 1_000, cachedRead: 700, cacheWrite: 200 }, 0.0021],
  ["written for an hour", { input: 1_000, cacheWrite: 1_000, cacheWriteLong: 1_000 }, 0.01],
  ["written for an hour in part", { input: 1_000, cacheWrite: 1_000, cacheWriteLong: 400 }, 0.00775],
  ["one token", { output: 1 }, 0.000025],
] as const) {
  test(`what it costs: ${what}`, () => {
    deepEqual(costOf(reportedUsage(tokens), PRICES), { usd, source: "configured" });
  });
}

test("fractions of a cent come out as people write them", () => {
  const { usd } = costOf(reportedUsage({ input: 3 }), { ...PRICES, input: 0.1 });
  equal(String(usd), "3e-7");
});

test("a sum is as sure as the least sure of its parts", () => {
  const configured: Cost = { usd: 1, source: "configured" };
  const catalogue: Cost = { usd: 2, source: "catalogue" };
  deepEqual(sumOf([]), NO_COST);
  deepEqual(sumOf([configured]), configured);
  deepEqual(sumOf([configured, catalogue]), { usd: 3, source: "catalogue" });
  deepEqual(sumOf([catalogue, configured]), { usd: 3, source: "catalogue" });
  deepEqual(sumOf([configured, NO_COST]), configured);
  deepEqual(sumOf([configured, UNKNOWN_COST, catalogue]), UNKNOWN_COST);
});
