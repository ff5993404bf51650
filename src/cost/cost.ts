import type { CostShape } from "../api/measures.ts";
import type { Usage } from "../core/usage.ts";

export type Cost = CostShape;

/** Something was asked, and nobody knows its price. */
export const UNKNOWN_COST: Cost = { usd: null, source: "unknown" };

/** No provider was asked. */
export const NO_COST: Cost = { usd: 0, source: "none" };

/** US dollars for a million tokens. */
export interface Prices {
  readonly input: number;
  readonly output: number;
  readonly cachedRead: number;
  readonly cacheWrite: number;
  /** Cache writes that live long: Anthropic's with a time to live of 1 h. */
  readonly cacheWriteLong: number;
  readonly source: "configured" | "catalogue";
}

/** What so many tokens cost. `input` counts all of the prompt, also what was read from or written to a cache (core/usage.ts). */
export function costOf(usage: Usage, prices: Prices): Cost {
  const { input, cachedRead, cacheWrite, cacheWriteLong, output } = usage;
  const millionths =
    Math.max(0, input - cachedRead - cacheWrite) * prices.input +
    cachedRead * prices.cachedRead +
    Math.max(0, cacheWrite - cacheWriteLong) * prices.cacheWrite +
    cacheWriteLong * prices.cacheWriteLong +
    output * prices.output;
  return { usd: dollars(millionths), source: prices.source };
}

/** What several requests cost together: unknown as soon as one of them is. */
export function sumOf(costs: readonly Cost[]): Cost {
  let sum = NO_COST;
  for (const cost of costs) {
    if (cost.usd === null || sum.usd === null) return UNKNOWN_COST;
    sum = { usd: dollars((sum.usd + cost.usd) * 1e6), source: weaker(sum.source, cost.source) };
  }
  return sum;
}

/** A sum is as sure as the least sure of its parts. */
function weaker(one: Cost["source"], other: Cost["source"]): Cost["source"] {
  return one === "catalogue" || other === "none" ? one : other;
}

/** Whole picodollars: binary fractions such as 0.30000000000000004 are of no use to anybody. */
function dollars(millionths: number): number {
  return Math.round(millionths * 1e6) / 1e12;
}
