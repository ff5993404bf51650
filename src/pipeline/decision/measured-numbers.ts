import { type ExpectedTokens, expectedOutput, expectedPer1M } from "../../cost/expected-cost.ts";
import { pricesAt } from "../../cost/price-list.ts";
import type { Pricing } from "../../cost/pricing.ts";
import type { Resilience } from "../../resilience/resilience.ts";
import type { Typical, Typicals } from "../../resilience/typical.ts";
import { CONFIGURED, type Known, type TargetNumbers } from "../../routing/numbers.ts";
import type { Affinity, RoutingRequest } from "../../routing/rule.ts";
import { type Provider, upstreamModel } from "../../upstream/provider.ts";

export interface MeasuredParts {
  resilience: Pick<Resilience, "typical" | "answers" | "errors">;
  pricing: Pick<Pricing, "listOf">;
}

/** What there is to know of the request that numbers are asked for. */
export interface MeasuredRequest {
  stream: boolean;
  /** Of its body. */
  bytes: number;
  /** As rules see it: its prompt is measured, and its conversation looked up, if one of them asks what it costs. */
  routing: Pick<RoutingRequest, "inputTokens" | "affinity" | "wallMs">;
  /** By the client. */
  requestedModel: string;
  maxOutputTokens: number | undefined;
}

/** What the request takes where none of it is cached, and what ties it to one target. */
interface Expected {
  tokens: ExpectedTokens;
  affinity: Affinity | undefined;
}

/** What was measured of targets lately, for requests like this one, and what it will cost there; where that is not known, what the config says. */
export class MeasuredNumbers implements TargetNumbers {
  readonly #parts: MeasuredParts;
  readonly #request: MeasuredRequest;
  #expected: Expected | undefined;

  constructor(parts: MeasuredParts, request: MeasuredRequest) {
    this.#parts = parts;
    this.#request = request;
  }

  latencyMs(provider: Provider, model: string): Known | undefined {
    const { firstToken, whole } = this.#parts.resilience.typical;
    const typicals = this.#request.stream ? firstToken : whole;
    return this.#seen(typicals, provider, model) ?? CONFIGURED.latencyMs(provider, model);
  }

  tokensPerSec(provider: Provider, model: string): Known | undefined {
    const { speed } = this.#parts.resilience.typical;
    return this.#seen(speed, provider, model) ?? CONFIGURED.tokensPerSec(provider, model);
  }

  errorRate(provider: Provider, model: string): Known | undefined {
    const rate = this.#parts.resilience.errors.of(provider.name, upstreamModel(provider, model));
    return rate && measured(rate);
  }

  costPer1M(provider: Provider, model: string): Known | undefined {
    const sent = upstreamModel(provider, model);
    const list = this.#parts.pricing.listOf(provider, sent, this.#request.routing.wallMs);
    if (!list) return undefined;
    if (list.flat) return list.flat;
    const tokens = this.tokensAt(provider, sent);
    const prices = pricesAt(list, tokens.input);
    return { value: expectedPer1M(tokens, prices), source: prices.source, tokens };
  }

  /** What the request is expected to take there. Only the target that its conversation is tied to has some of the prompt in a cache. */
  tokensAt(provider: Provider, sent: string): ExpectedTokens {
    this.#expected ??= this.#expect();
    const { tokens, affinity } = this.#expected;
    if (affinity?.provider !== provider.name || affinity.model !== sent) return tokens;
    return { ...tokens, cached: Math.min(affinity.cachedTokens, tokens.input) };
  }

  #expect(): Expected {
    const { routing, requestedModel, bytes, maxOutputTokens } = this.#request;
    const { affinity, inputTokens: input = 0 } = routing;
    const seen = affinity?.outputTokens ?? this.#parts.resilience.answers.of("", requestedModel, bytes)?.value;
    return { tokens: { input, cached: 0, output: expectedOutput(seen, maxOutputTokens) }, affinity };
  }

  #seen(typicals: Typicals, provider: Provider, model: string): Known | undefined {
    const typical = typicals.of(provider.name, upstreamModel(provider, model), this.#request.bytes);
    return typical && measured(typical);
  }
}

function measured({ value, samples }: Typical): Known {
  return { value, source: "measured", samples };
}
