import type { Prices } from "./cost.ts";

/** Prices that hold for prompts of more than so many tokens, and then for all of their tokens. */
export interface PriceStep {
  readonly above: number;
  readonly prices: Prices;
}

/** What a model takes, by the length of the prompt. */
export interface PriceList {
  /** The lowest first. */
  readonly steps: readonly [PriceStep, ...PriceStep[]];
  /** The one price of all tokens, whatever they are and however many; undefined: there are several. */
  readonly flat: { readonly value: number; readonly source: Prices["source"] } | undefined;
}

export function priceList(steps: PriceList["steps"]): PriceList {
  const { input, output, cachedRead, source } = steps[0].prices;
  const isFlat = steps.length === 1 && input === output && input === cachedRead;
  return { steps, flat: isFlat ? { value: input, source } : undefined };
}

/** The step a prompt reaches counts for all of its tokens. */
export function pricesAt({ steps }: PriceList, inputTokens: number): Prices {
  let { prices } = steps[0];
  for (const step of steps) if (inputTokens > step.above) prices = step.prices;
  return prices;
}
