import type { Clock } from "../core/clock.ts";
import { BoundedMap } from "./bounded-map.ts";
import { type Sample, SampleRing } from "./sample-ring.ts";

/** Samples count half after this time. */
export const HALF_LIFE_MS = 5 * 60_000;
/** What fewer samples say is chance. */
const MIN_SAMPLES = 5;
/** One look through the samples lasts this long: every decision may ask for fifty targets. */
const FRESH_MS = 1_000;
const MAX_MODELS = 1_000;
/** Bytes of a request: about 1,000, 8,000 and 50,000 tokens. */
const SIZE_LIMITS = [4_000, 32_000, 200_000];

/** What holds now, as far as samples tell. */
export interface Typical {
  /** The median, newer samples counting more. */
  readonly value: number;
  /** How many it is from. */
  readonly samples: number;
}

interface Target {
  ring: SampleRing;
  /** By size class, worked out a moment ago. */
  known: (Typical | undefined)[];
  knownAtMs: number;
}

/**
 * What is typical of each target now: the median of what was seen lately, newer ones counting more. Where enough prompts of
 * alike length were seen, they alone.
 */
export class Typicals {
  readonly #clock: Clock;
  readonly #providers = new Map<string, BoundedMap<Target>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Forgets all other providers. */
  keep(names: ReadonlySet<string>): void {
    for (const provider of this.#providers.keys()) if (!names.has(provider)) this.#providers.delete(provider);
  }

  /** `bytes`: of the request. `agoMs`: how long ago it was seen. */
  observe(provider: string, model: string, value: number, bytes: number, agoMs = 0): void {
    let models = this.#providers.get(provider);
    if (!models) {
      models = new BoundedMap(MAX_MODELS, ({ ring }) => ring.size >= MIN_SAMPLES);
      this.#providers.set(provider, models);
    }
    let target = models.get(model);
    if (!target) {
      target = { ring: new SampleRing(), known: [], knownAtMs: Number.NEGATIVE_INFINITY };
      models.set(model, target);
    }
    target.ring.add(value, this.#clock.nowMs() - agoMs, sizeClass(bytes));
    // Nothing was known until now: who asks next shall know.
    if (target.ring.size === MIN_SAMPLES) target.knownAtMs = Number.NEGATIVE_INFINITY;
  }

  /** Undefined while too little was seen lately. */
  of(provider: string, model: string, bytes: number): Typical | undefined {
    const target = this.#providers.get(provider)?.get(model);
    if (!target) return undefined;
    const nowMs = this.#clock.nowMs();
    if (nowMs - target.knownAtMs >= FRESH_MS) {
      target.knownAtMs = nowMs;
      const recent = target.ring.recent(nowMs);
      const all = typicalOf(recent, nowMs);
      const only = (size: number) => recent.filter((sample) => sample.size === size);
      target.known = SIZES.map((size) => typicalOf(only(size), nowMs) ?? all);
    }
    return target.known[sizeClass(bytes)];
  }
}

const SIZES = [...SIZE_LIMITS.keys(), SIZE_LIMITS.length];

/** The weighted median of samples in the order of their values; a sample as old as the half-life counts half. */
function typicalOf(samples: readonly Sample[], nowMs: number): Typical | undefined {
  if (samples.length < MIN_SAMPLES) return undefined;
  const weights = samples.map(({ atMs }) => 0.5 ** ((nowMs - atMs) / HALF_LIFE_MS));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let below = 0;
  for (const [index, { value }] of samples.entries()) {
    below += weights[index] ?? 0;
    if (below >= total / 2) return { value, samples: samples.length };
  }
  return undefined;
}

function sizeClass(bytes: number): number {
  const at = SIZE_LIMITS.findIndex((limit) => bytes < limit);
  return at === -1 ? SIZE_LIMITS.length : at;
}
