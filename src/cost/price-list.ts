import type { Prices } from "./cost.ts";

/** Prices that hold for prompts of more than so many tokens, and then for all of their tokens. */
export interface PriceStep {
  readonly above: number;
  readonly prices: Prices;
}

/** What a model takes, by the length of the prompt: the lowest step first, at least one. */
export type PriceList = readonly [PriceStep, ...PriceStep[]];

/** The step a prompt reaches counts for all of its tokens. */
export function pricesAt(list: PriceList, inputTokens: number): Prices {
  let { prices } = list[0];
  for (const step of list) if (inputTokens > step.above) prices = step.prices;
  return prices;
}

/** The one price of all tokens, whatever they are and however many; undefined: there are several. */
export function flatPrice([{ prices }, ...further]: PriceList): number | undefined {
  const { input, output, cachedRead } = prices;
  return further.length === 0 && input === output && input === cachedRead ? input : undefined;
}
