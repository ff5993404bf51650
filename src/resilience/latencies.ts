import type { Clock } from "../core/clock.ts";
import { BoundedMap } from "./bounded-map.ts";
import { quantile, SampleRing } from "./sample-ring.ts";

const MIN_SAMPLES = 20;
/** One look through the samples lasts this long: hedging asks with every request. */
const FRESH_MS = 1_000;
const MAX_MODELS = 1_000;

interface Samples {
  ring: SampleRing;
  p95: number | undefined;
  /** When it was worked out. */
  p95AtMs: number;
}

/** The time to the first token of a model's streams. */
export interface Measured {
  model: string;
  samples: number;
  p50Ms: number;
  /** Undefined while there are fewer than 20 samples. */
  p95Ms: number | undefined;
}

/** How long each target takes to its first token, as measured. */
export class Latencies {
  readonly #clock: Clock;
  /** Told of each sample seen here, where other processes have to know it too. */
  told: ((...sample: Parameters<Latencies["observe"]>) => void) | undefined;
  readonly #providers = new Map<string, BoundedMap<Samples>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Forgets all other providers. */
  keep(names: ReadonlySet<string>): void {
    for (const provider of this.#providers.keys()) if (!names.has(provider)) this.#providers.delete(provider);
  }

  /** `agoMs`: how long ago it was seen. */
  observe(provider: string, model: string, firstTokenMs: number, agoMs = 0): void {
    this.#samples(provider, model).ring.add(firstTokenMs, this.#clock.nowMs() - agoMs);
    this.told?.(provider, model, firstTokenMs, agoMs);
  }

  /** Undefined while fewer than 20 samples say something. */
  p95(provider: string, model: string): number | undefined {
    const samples = this.#providers.get(provider)?.get(model);
    return samples && this.#p95Of(samples);
  }

  /** For people: every model that answered lately. */
  measured(provider: string): Measured[] {
    const models = [...(this.#providers.get(provider)?.entries() ?? [])];
    return models.flatMap(([model, samples]) => {
      const sorted = samples.ring.sorted(this.#clock.nowMs());
      const p50Ms = quantile(sorted, 0.5);
      if (p50Ms === undefined) return [];
      return [{ model, samples: sorted.length, p50Ms, p95Ms: tells(sorted) ? quantile(sorted, 0.95) : undefined }];
    });
  }

  #p95Of(samples: Samples): number | undefined {
    const nowMs = this.#clock.nowMs();
    if (samples.p95 !== undefined && nowMs - samples.p95AtMs < FRESH_MS) return samples.p95;
    samples.p95AtMs = nowMs;
    const sorted = samples.ring.sorted(nowMs);
    samples.p95 = tells(sorted) ? quantile(sorted, 0.95) : undefined;
    return samples.p95;
  }

  #samples(provider: string, model: string): Samples {
    let models = this.#providers.get(provider);
    if (!models) {
      models = new BoundedMap(MAX_MODELS, ({ ring }) => ring.size >= MIN_SAMPLES);
      this.#providers.set(provider, models);
    }
    let samples = models.get(model);
    if (!samples) {
      samples = { ring: new SampleRing(), p95: undefined, p95AtMs: Number.NEGATIVE_INFINITY };
      models.set(model, samples);
    }
    return samples;
  }
}

function tells(sorted: readonly number[]): boolean {
  return sorted.length >= MIN_SAMPLES;
}
