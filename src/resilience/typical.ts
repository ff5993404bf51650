import type { Clock } from "../core/clock.ts";
import { BoundedMap } from "./bounded-map.ts";
import { MAX_AGE_MS, type Sample, SampleRing } from "./sample-ring.ts";

/** Samples count half after this time. */
export const HALF_LIFE_MS = 5 * 60_000;
/** What fewer samples say is chance. */
const MIN_SAMPLES = 5;
/** New samples are looked at so often at most: every decision may ask for fifty targets. */
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
  /** By size class, as worked out last. */
  known: (Typical | undefined)[];
  knownAtMs: number;
  /** Samples came since then. */
  grown: boolean;
  /** Until then none that counts grows too old. That all weigh less and less changes no median. */
  holdsUntilMs: number;
}

/**
 * What is typical of each target now: the median of what was seen lately, newer ones counting more. Where enough prompts of
 * alike length were seen, they alone.
 */
export class Typicals {
  readonly #clock: Clock;
  /** Told of each sample seen here, where other processes have to know it too. */
  told: ((...sample: Parameters<Typicals["observe"]>) => void) | undefined;
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
      const never = Number.NEGATIVE_INFINITY;
      target = { ring: new SampleRing(), known: [], knownAtMs: never, grown: false, holdsUntilMs: never };
      models.set(model, target);
    }
    target.ring.add(value, this.#clock.nowMs() - agoMs, sizeClass(bytes));
    target.grown = true;
    // Nothing was known until now: who asks next shall know.
    if (target.ring.size === MIN_SAMPLES) target.knownAtMs = Number.NEGATIVE_INFINITY;
    this.told?.(provider, model, value, bytes, agoMs);
  }

  /** Undefined while too little was seen lately. */
  of(provider: string, model: string, bytes: number): Typical | undefined {
    const target = this.#providers.get(provider)?.get(model);
    if (!target) return undefined;
    const nowMs = this.#clock.nowMs();
    const looksAgain = target.grown && nowMs - target.knownAtMs >= FRESH_MS;
    if (looksAgain || nowMs > target.holdsUntilMs) look(target, nowMs);
    return target.known[sizeClass(bytes)];
  }
}

const SIZES = [...SIZE_LIMITS.keys(), SIZE_LIMITS.length];

function look(target: Target, nowMs: number): void {
  const recent = target.ring.recent(nowMs);
  const weights = recent.map(({ atMs }) => 0.5 ** ((nowMs - atMs) / HALF_LIFE_MS));
  const all = typicalOf(recent, weights);
  target.known = SIZES.map((size) => typicalOf(recent, weights, size) ?? all);
  target.knownAtMs = nowMs;
  target.grown = false;
  target.holdsUntilMs =
    recent.reduce((oldest, { atMs }) => Math.min(oldest, atMs), Number.POSITIVE_INFINITY) + MAX_AGE_MS;
}

/**
 * The weighted median of samples in the order of their values; a sample as old as the half-life counts half. `size`: only of this
 * class.
 */
function typicalOf(samples: readonly Sample[], weights: readonly number[], size?: number): Typical | undefined {
  let count = 0;
  let total = 0;
  for (let at = 0; at < samples.length; at++) {
    if (size !== undefined && samples[at]?.size !== size) continue;
    count++;
    total += weights[at] ?? 0;
  }
  if (count < MIN_SAMPLES) return undefined;
  let below = 0;
  for (const [at, sample] of samples.entries()) {
    if (size !== undefined && sample.size !== size) continue;
    below += weights[at] ?? 0;
    if (below >= total / 2) return { value: sample.value, samples: count };
  }
  return undefined;
}

function sizeClass(bytes: number): number {
  const at = SIZE_LIMITS.findIndex((limit) => bytes < limit);
  return at === -1 ? SIZE_LIMITS.length : at;
}
