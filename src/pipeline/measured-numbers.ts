import type { Resilience } from "../resilience/resilience.ts";
import type { Typicals } from "../resilience/typical.ts";
import { CONFIGURED, type Known, type TargetNumbers } from "../routing/numbers.ts";
import { type Provider, upstreamModel } from "../upstream/provider.ts";

/** What was measured of targets lately, for requests like this one; where that is too little, what the config says. */
export class MeasuredNumbers implements TargetNumbers {
  readonly #typical: Resilience["typical"];
  readonly #stream: boolean;
  readonly #bytes: number;

  /** `bytes`: of the request. */
  constructor({ typical }: Pick<Resilience, "typical">, { stream, bytes }: { stream: boolean; bytes: number }) {
    this.#typical = typical;
    this.#stream = stream;
    this.#bytes = bytes;
  }

  latencyMs(provider: Provider, model: string): Known | undefined {
    const { firstToken, whole } = this.#typical;
    return this.#seen(this.#stream ? firstToken : whole, provider, model) ?? CONFIGURED.latencyMs(provider, model);
  }

  tokensPerSec(provider: Provider, model: string): Known | undefined {
    return this.#seen(this.#typical.speed, provider, model) ?? CONFIGURED.tokensPerSec(provider, model);
  }

  errorRate(provider: Provider, model: string): Known | undefined {
    return CONFIGURED.errorRate(provider, model);
  }

  costPer1M(provider: Provider, model: string): Known | undefined {
    return CONFIGURED.costPer1M(provider, model);
  }

  #seen(typicals: Typicals, provider: Provider, model: string): Known | undefined {
    const typical = typicals.of(provider.name, upstreamModel(provider, model), this.#bytes);
    return typical && { ...typical, source: "measured" };
  }
}
