import { estimateTokens } from "../../core/estimate/estimate.ts";
import { reportedUsage, type Usage } from "../../core/usage.ts";
import { type Cost, costOf, NO_COST, type Prices, UNKNOWN_COST } from "../../cost/cost.ts";
import type { Pricing } from "../../cost/pricing.ts";
import { type Provider, upstreamModel } from "../../upstream/provider.ts";
import type { Askable } from "./askable.ts";

/** Who is asked: a provider of the config, and a model unless it is to be the one the client asked for. */
export interface Arm {
  /** As it was named. */
  readonly name: string;
  readonly provider: Provider;
  readonly model: string | undefined;
}

/** What asking an arm once comes to, as far as can be said before. */
export interface Outlook {
  readonly arm: Arm;
  /** As it is called in the router. */
  readonly model: string;
  /** As it is sent. */
  readonly sentModel: string;
  /** Undefined: it is free, or nobody knows. */
  readonly prices: Prices | undefined;
  /** It has a price that nobody knows. */
  readonly isUnpriced: boolean;
  /** Tokens of the prompt. */
  readonly input: number;
  /** Tokens of the answer, if it is as long as the logged one. */
  readonly expected: number;
  /** What it may take where money is no matter: other models say it at greater length, and think first. */
  readonly most: number;
}

const TIMES_EXPECTED = 4;
const LEAST_ALLOWED = 2_048;

export function outlookOf(arm: Arm, { request, row, logged }: Askable, pricing: Pricing, wallMs: number): Outlook {
  const { provider } = arm;
  const model = arm.model ?? row.requested_model;
  const sentModel = upstreamModel(provider, model);
  // The provider's own count of the logged one, which had tools we do not know; or ours, where another's is too low for it.
  const input = Math.max(logged.input_tokens, estimateTokens(request, provider.half.dialect));
  const prices = pricing.pricesOf(provider, sentModel, wallMs, input);
  const expected = Math.max(1, logged.output_tokens);
  const most = Math.max(expected, request.maxOutputTokens ?? Math.max(LEAST_ALLOWED, TIMES_EXPECTED * expected));
  // A model of one's own costs nothing unless the config gives it a price.
  return { arm, model, sentModel, prices, isUnpriced: !prices && !provider.nearby, input, expected, most };
}

/** With an answer of so many tokens. */
export function costWith({ prices, isUnpriced, input }: Outlook, output: number): Cost {
  if (!prices) return isUnpriced ? UNKNOWN_COST : NO_COST;
  return costOf(reportedUsage({ input, output }), prices);
}

/** What was really used, at the price that was looked up before. */
export function costOfUsage({ prices, isUnpriced }: Outlook, usage: Usage): Cost {
  if (!prices) return isUnpriced ? UNKNOWN_COST : NO_COST;
  return costOf(usage, prices);
}

/**
 * How many tokens each answer to one exchange may take, so that all together cost no more than `leftUsd`; undefined when not
 * even answers as long as expected would fit. What has no price is not held back.
 */
export function allowances(outlooks: readonly Outlook[], leftUsd: number): number[] | undefined {
  const total = (tokens: (one: Outlook) => number) =>
    outlooks.reduce((sum, one) => sum + (costWith(one, tokens(one)).usd ?? 0), 0);
  const most = total((one) => one.most);
  if (most <= leftUsd) return outlooks.map((one) => one.most);
  const expected = total((one) => one.expected);
  if (expected > leftUsd) return undefined;
  const share = (leftUsd - expected) / (most - expected);
  return outlooks.map((one) => (one.prices ? one.expected + Math.floor((one.most - one.expected) * share) : one.most));
}
