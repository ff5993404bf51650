import type { ChatRequest } from "../../core/request.ts";
import type { Usage } from "../../core/usage.ts";
import { type Cost, NO_COST, sumOf } from "../../cost/cost.ts";
import type { Pricing } from "../../cost/pricing.ts";
import { estimateUsage } from "../../pipeline/estimate-usage.ts";
import type { AskedOnce } from "../../pipeline/small/ask-once.ts";
import type { Provider } from "../../upstream/provider.ts";
import type { Result } from "./result.ts";

/** What doctor's own requests used, and what that costs. */
export class Spending {
  readonly #pricing: Pricing;
  readonly #costs: Cost[] = [];
  #requests = 0;
  #input = 0;
  #output = 0;

  constructor(pricing: Pricing) {
    this.#pricing = pricing;
  }

  /** A request that was sent; one that failed before it was answered is not billed. Returns its tokens. */
  add(provider: Provider, model: string, request: ChatRequest, { response, failure, pieces }: AskedOnce): number {
    this.#requests++;
    if (failure && pieces === 0) return 0;
    const usage = response.usage?.output ? response.usage : estimateUsage(request, response, provider.half.dialect);
    this.#input += usage.input;
    this.#output += usage.output;
    this.#costs.push(costHere(provider, model, usage, this.#pricing));
    return usage.input + usage.output;
  }

  get total(): Result["spent"] {
    return {
      requests: this.#requests,
      input_tokens: this.#input,
      output_tokens: this.#output,
      cost: sumOf(this.#costs),
    };
  }
}

/** A model of one's own has no price unless the config gives it one: it costs nothing then. */
export function costHere(provider: Provider, model: string, usage: Usage, pricing: Pricing): Cost {
  const cost = pricing.costOf(provider, model, usage, Date.now());
  return cost.source === "unknown" && provider.nearby ? NO_COST : cost;
}
