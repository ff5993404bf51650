import type { ExpectedTokens } from "../../cost/expected-cost.ts";
import { expectedOutput, expectedPer1M } from "../../cost/expected-cost.ts";
import { pricesAt } from "../../cost/price-list.ts";
import type { Pricing } from "../../cost/pricing.ts";
import type { LoggedNumber, LoggedTarget } from "../../record/events.ts";
import { CONFIGURED, type Known, type TargetNumbers } from "../../routing/numbers.ts";
import type { RoutingRequest } from "../../routing/rule.ts";
import { type Provider, upstreamModel } from "../../upstream/provider.ts";
import type { Recorded } from "./recorded.ts";

type NumberName = "latency_ms" | "tokens_per_sec" | "error_rate" | "cost_per_1m";

/** The numbers of a record: those that are not on it are what the config says, as they were when it was written. */
export class RecordedNumbers implements TargetNumbers {
  readonly #recorded: Recorded;

  constructor(recorded: Recorded) {
    this.#recorded = recorded;
  }

  latencyMs(provider: Provider, model: string): Known | undefined {
    return this.known("latency_ms", provider, model, CONFIGURED.latencyMs);
  }

  tokensPerSec(provider: Provider, model: string): Known | undefined {
    return this.known("tokens_per_sec", provider, model, CONFIGURED.tokensPerSec);
  }

  errorRate(provider: Provider, model: string): Known | undefined {
    return this.known("error_rate", provider, model, CONFIGURED.errorRate);
  }

  costPer1M(provider: Provider, model: string): Known | undefined {
    return this.known("cost_per_1m", provider, model, CONFIGURED.costPer1M);
  }

  protected known(
    name: NumberName,
    provider: Provider,
    model: string,
    otherwise: TargetNumbers["latencyMs"],
  ): Known | undefined {
    const logged = targetIn(this.#recorded, provider, model)?.[name];
    if (logged === undefined) return otherwise(provider, model);
    return logged === null ? undefined : knownOf(logged, this.#recorded);
  }
}

function knownOf({ value, source, samples, cached_tokens: cached }: LoggedNumber, { routing }: Recorded): Known {
  const tokens = { input: routing?.input_tokens ?? 0, cached: cached ?? 0, output: routing?.output_tokens ?? 0 };
  return { value, source, ...(samples !== undefined && { samples }), ...(cached !== undefined && { tokens }) };
}

/** What is on the record of a target; undefined: nobody asked for it. */
export function targetIn({ routing }: Recorded, provider: Provider, model: string): LoggedTarget | undefined {
  const sent = upstreamModel(provider, model);
  return routing?.targets?.find((one) => one.provider === provider.name && one.model === sent);
}

/** Where numbers come from that a record of another config does not have. */
export interface OtherNumbers {
  pricing: Pick<Pricing, "listOf">;
  /** Of what was measured around that time; undefined: nothing was. */
  measured?: Pick<TargetNumbers, "latencyMs" | "tokensPerSec" | "errorRate"> | undefined;
  /** Told of each that is guessed: `latency of cloud`. */
  unsure(what: string): void;
}

/**
 * The numbers of a record for another config than it was written under. What was measured then counts; costs are reckoned anew,
 * by the prices of this config, for the tokens of then.
 */
export class CarriedNumbers extends RecordedNumbers {
  readonly #routing: RoutingRequest;
  readonly #others: OtherNumbers;
  readonly #output: number;

  constructor(recorded: Recorded, routing: RoutingRequest, others: OtherNumbers) {
    super(recorded);
    this.#routing = routing;
    this.#others = others;
    const { routing: logged, usage } = recorded;
    this.#output = logged?.output_tokens ?? logged?.affinity?.output_tokens ?? expectedOutput(usage?.output, undefined);
  }

  override costPer1M(provider: Provider, model: string): Known | undefined {
    const sent = upstreamModel(provider, model);
    const list = this.#others.pricing.listOf(provider, sent, this.#routing.wallMs);
    if (!list) return undefined;
    if (list.flat) return list.flat;
    const tokens = this.#tokensAt(provider, sent);
    const prices = pricesAt(list, tokens.input);
    return { value: expectedPer1M(tokens, prices), source: prices.source, tokens };
  }

  /** As `MeasuredNumbers` has it: only the target that the conversation is tied to has some of the prompt cached. */
  #tokensAt(provider: Provider, sent: string): ExpectedTokens {
    const { affinity, inputTokens: input = 0 } = this.#routing;
    const isTied = affinity?.provider === provider.name && affinity.model === sent;
    return { input, cached: isTied ? Math.min(affinity.cachedTokens, input) : 0, output: this.#output };
  }

  protected override known(
    name: NumberName,
    provider: Provider,
    model: string,
    otherwise: TargetNumbers["latencyMs"],
  ): Known | undefined {
    const { measured, unsure } = this.#others;
    return super.known(name, provider, model, () => {
      if (name === "error_rate") return measured?.errorRate(provider, model);
      const seen =
        name === "latency_ms" ? measured?.latencyMs(provider, model) : measured?.tokensPerSec(provider, model);
      if (!seen) unsure(`${name} of ${provider.name}`);
      return seen ?? otherwise(provider, model);
    });
  }
}
