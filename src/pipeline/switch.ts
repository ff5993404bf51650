import type { Origin } from "../conversation/remembered.ts";
import { NO_USAGE } from "../core/usage.ts";
import type { Pricing } from "../cost/pricing.ts";
import type { Switch } from "../record/events.ts";
import type { Provider } from "../upstream/provider.ts";
import type { Exchange } from "./exchange.ts";

type Moving = Pick<Exchange, "lastAnswer" | "usage">;

/** The conversation goes on at `model` of `provider`; undefined: it was there before, or nothing is known of a before. */
export function switchOf(
  { lastAnswer, usage }: Moving,
  { provider, model }: { provider: Provider; model: string },
  pricing: Pick<Pricing, "costOf">,
  wallMs: number,
): Switch | undefined {
  if (!lastAnswer || (lastAnswer.provider === provider.name && lastAnswer.model === model)) return undefined;
  // A prompt that was cut has no more to lose than it holds.
  const tokens = Math.min(lastAnswer.cachedTokens, usage?.input ?? Number.POSITIVE_INFINITY);
  const costs = [0, tokens].map((cachedRead) =>
    pricing.costOf(provider, model, { ...NO_USAGE, input: tokens, cachedRead }, wallMs),
  );
  const [cold, warm] = costs.map(({ usd }) => usd);
  return {
    from: placeOf(lastAnswer),
    to: { provider: provider.name, model },
    uncached_tokens: tokens,
    usd: typeof cold === "number" && typeof warm === "number" ? Math.max(0, cold - warm) : null,
  };
}

function placeOf({ provider, model }: Origin): Switch["from"] {
  return { provider, model };
}
