import type { ModelInfo } from "../../core/model.ts";
import { CONFIGURED, type Known, type TargetNumbers } from "../../routing/numbers.ts";
import { modelInfo, type Provider, upstreamModel } from "../../upstream/provider.ts";

/** What rules asked of one target; null: they did not ask. */
export class SeenTarget {
  readonly provider: Provider;
  /** As it is sent. */
  readonly model: string;
  latencyMs: Known | undefined | null = null;
  tokensPerSec: Known | undefined | null = null;
  errorRate: Known | undefined | null = null;
  costPer1M: Known | undefined | null = null;
  info: ModelInfo | undefined | null = null;
  /** Another model there. */
  readonly next: SeenTarget | undefined;

  constructor(provider: Provider, model: string, next: SeenTarget | undefined) {
    this.provider = provider;
    this.model = model;
    this.next = next;
  }
}

/**
 * What one request's rules are told of targets. What was said once holds for the whole request, so that all its rules compare
 * the same numbers, and what is recorded of it is what they went by.
 */
export class SeenTargets implements TargetNumbers {
  readonly #byProvider = new Map<Provider, SeenTarget>();
  readonly #numbers: TargetNumbers;

  constructor(numbers: TargetNumbers = CONFIGURED) {
    this.#numbers = numbers;
  }

  latencyMs(provider: Provider, model: string): Known | undefined {
    const seen = this.#of(provider, model);
    if (seen.latencyMs === null) seen.latencyMs = this.#numbers.latencyMs(provider, model);
    return seen.latencyMs;
  }

  tokensPerSec(provider: Provider, model: string): Known | undefined {
    const seen = this.#of(provider, model);
    if (seen.tokensPerSec === null) seen.tokensPerSec = this.#numbers.tokensPerSec(provider, model);
    return seen.tokensPerSec;
  }

  errorRate(provider: Provider, model: string): Known | undefined {
    const seen = this.#of(provider, model);
    if (seen.errorRate === null) seen.errorRate = this.#numbers.errorRate(provider, model);
    return seen.errorRate;
  }

  costPer1M(provider: Provider, model: string): Known | undefined {
    const seen = this.#of(provider, model);
    if (seen.costPer1M === null) seen.costPer1M = this.#numbers.costPer1M(provider, model);
    return seen.costPer1M;
  }

  modelInfo(provider: Provider, model: string): ModelInfo | undefined {
    const seen = this.#of(provider, model);
    if (seen.info === null) seen.info = modelInfo(provider, model);
    return seen.info;
  }

  /** What was asked of one so far. */
  of(provider: Provider, model: string): SeenTarget | undefined {
    const sent = upstreamModel(provider, model);
    for (let seen = this.#byProvider.get(provider); seen; seen = seen.next) if (seen.model === sent) return seen;
    return undefined;
  }

  /** In the order in which they were first asked for; models of one provider newest first. */
  *all(): Generator<SeenTarget> {
    for (const first of this.#byProvider.values())
      for (let seen: SeenTarget | undefined = first; seen; seen = seen.next) yield seen;
  }

  #of(provider: Provider, model: string): SeenTarget {
    const sent = upstreamModel(provider, model);
    const first = this.#byProvider.get(provider);
    for (let seen = first; seen; seen = seen.next) if (seen.model === sent) return seen;
    const fresh = new SeenTarget(provider, sent, first);
    this.#byProvider.set(provider, fresh);
    return fresh;
  }
}
