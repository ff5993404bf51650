import type { ChatRequest } from "../core/request.ts";
import { type Cost, NO_COST, sumOf, UNKNOWN_COST } from "../cost/cost.ts";
import type { Pricing } from "../cost/pricing.ts";
import { tierOf } from "../wire/service-tier.ts";
import type { Bill, Exchange } from "./exchange.ts";

/** Those of the price everybody pays. */
const STANDARD_TIERS: readonly (string | undefined)[] = [undefined, "auto", "default"];

type Paid = Pick<Exchange, "billed" | "source" | "usage" | "wasSent" | "request">;

/** Of the answer, and of what other attempts at it used: the slower one of two, and those another went on from. */
export function costOfExchange(exchange: Paid, pricing: Pick<Pricing, "costOf">, wallMs: number): Cost {
  const bills = billsOf(exchange);
  // A provider that answered with an error, or not at all, did not say what it takes for that.
  if (bills.length === 0) return exchange.wasSent ? UNKNOWN_COST : NO_COST;
  const costs = bills.map(({ provider, model, usage }) => pricing.costOf(provider, model, usage, wallMs));
  const sum = sumOf(costs);
  return sum.source === "catalogue" && !hasListPrice(exchange.request) ? UNKNOWN_COST : sum;
}

function billsOf({ billed, source, usage }: Paid): readonly Bill[] {
  if (!source?.target || !usage || source.isBilled) return billed;
  const own = source.joiner ? source.joiner.heard : usage;
  return own ? [...billed, { provider: source.target.provider, model: source.sentModel, usage: own }] : billed;
}

/** To be served sooner, or later, has another price, which the catalogue does not have. */
function hasListPrice(request: ChatRequest): boolean {
  return STANDARD_TIERS.includes(tierOf(request));
}
