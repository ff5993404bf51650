import type { CostShape } from "../api/measures.ts";
import type { Usage } from "../core/usage.ts";

export type Cost = CostShape;

export const UNKNOWN_COST: Cost = { usd: null, source: "unknown" };

/** US dollars for a million tokens. */
export interface Prices {
  input: number;
  output: number;
  cachedRead: number;
  cacheWrite: number;
  source: "configured" | "catalogue";
}

/** What so many tokens cost. `input` counts all of the prompt, also what was read from or written to a cache (core/usage.ts). */
export function costOf(usage: Usage, prices: Prices): Cost {
  const fresh = Math.max(0, usage.input - usage.cachedRead - usage.cacheWrite);
  const millionths =
    fresh * prices.input +
    usage.cachedRead * prices.cachedRead +
    usage.cacheWrite * prices.cacheWrite +
    usage.output * prices.output;
  return { usd: millionths / 1_000_000, source: prices.source };
}
