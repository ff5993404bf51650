import type { Prices } from "./cost.ts";

/** What a request is expected to take. */
export interface ExpectedTokens {
  /** The whole prompt, estimated. */
  readonly input: number;
  /** Of these, in the target's prompt cache. */
  readonly cached: number;
  /** The answer, thinking included. */
  readonly output: number;
}

/** Where nothing is known of answers: what coding agents and chats get, tool calls among it, has a median in the hundreds. */
const USUAL_OUTPUT = 400;

/** Tokens of the answer: as in its conversation, else as the model's answers lately; never more than the request allows. */
export function expectedOutput(seen: number | undefined, max: number | undefined): number {
  // What a client says may be no limit at all: -1.
  const limit = max !== undefined && max > 0 ? max : Number.POSITIVE_INFINITY;
  return Math.min(Math.round(seen ?? USUAL_OUTPUT), limit);
}

/**
 * US dollars for a million tokens of such a request, prompt and answer together. As tokens are the same for all targets, the one
 * with the lowest is the cheapest. What is not cached counts as input: whether it will be written to a cache is not known before.
 */
export function expectedPer1M({ input, cached, output }: ExpectedTokens, prices: Prices): number {
  const tokens = input + output;
  if (tokens === 0) return prices.input;
  const dollars = (input - cached) * prices.input + cached * prices.cachedRead + output * prices.output;
  return dollars / tokens;
}
