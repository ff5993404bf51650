import type { Clock } from "../core/clock.ts";
import { BoundedMap } from "./bounded-map.ts";
import { quantile, SampleRing } from "./sample-ring.ts";

const MAX_MODELS = 1_000;
/** Fewer tokens, or less time, tell of buffers on the way rather than of the model. */
const MIN_TOKENS = 16;
const MIN_MS = 50;

/** How fast a model's streams come. */
export interface MeasuredSpeed {
  model: string;
  samples: number;
  /** Output tokens per second. */
  p50: number;
}

/** How fast each target says what it says, as measured. */
export class Speeds {
  readonly #clock: Clock;
  /** Told of each sample seen here, where other processes have to know it too. */
  told: ((...sample: Parameters<Speeds["observe"]>) => void) | undefined;
  readonly #providers = new Map<string, BoundedMap<SampleRing>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Forgets all other providers. */
  keep(names: ReadonlySet<string>): void {
    for (const provider of this.#providers.keys()) if (!names.has(provider)) this.#providers.delete(provider);
  }

  /**
   * So many tokens came in the time from the first one to the last, so long ago. Returns tokens per second, where that says
   * something.
   */
  observe(provider: string, model: string, tokens: number, ms: number, agoMs = 0): number | undefined {
    if (tokens < MIN_TOKENS || ms < MIN_MS) return undefined;
    let models = this.#providers.get(provider);
    if (!models) {
      models = new BoundedMap(MAX_MODELS, () => false);
      this.#providers.set(provider, models);
    }
    let ring = models.get(model);
    if (!ring) {
      ring = new SampleRing();
      models.set(model, ring);
    }
    const speed = (tokens * 1000) / ms;
    ring.add(speed, this.#clock.nowMs() - agoMs);
    this.told?.(provider, model, tokens, ms, agoMs);
    return speed;
  }

  /** Every model that answered lately. */
  measured(provider: string): MeasuredSpeed[] {
    return [...(this.#providers.get(provider)?.entries() ?? [])].flatMap(([model, ring]) => {
      const sorted = ring.sorted(this.#clock.nowMs());
      const p50 = quantile(sorted, 0.5);
      return p50 === undefined ? [] : [{ model, samples: sorted.length, p50 }];
    });
  }
}
