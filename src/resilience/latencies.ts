import type { Clock } from "../core/clock.ts";
import { BoundedMap } from "./bounded-map.ts";

/** The last ones count, and none that is old: a provider's mood of this morning says little. */
const MAX_SAMPLES = 128;
const MIN_SAMPLES = 20;
const MAX_AGE_MS = 15 * 60_000;
/** One look through the samples lasts this long: hedging asks with every request. */
const FRESH_MS = 1_000;
const MAX_MODELS = 1_000;

interface Sample {
  atMs: number;
  firstTokenMs: number;
}

interface Samples {
  /** A ring once it is full. */
  ring: Sample[];
  next: number;
  p95: number | undefined;
  /** When it was worked out. */
  p95AtMs: number;
}

/** How long each target takes to its first token, as measured. */
export class Latencies {
  readonly #clock: Clock;
  readonly #providers = new Map<string, BoundedMap<Samples>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  observe(provider: string, model: string, firstTokenMs: number): void {
    const samples = this.#samples(provider, model);
    const sample = samples.ring[samples.next];
    const atMs = this.#clock.nowMs();
    if (sample) {
      sample.atMs = atMs;
      sample.firstTokenMs = firstTokenMs;
    } else samples.ring.push({ atMs, firstTokenMs });
    samples.next = (samples.next + 1) % MAX_SAMPLES;
  }

  /** Undefined while fewer than 20 samples say something. */
  p95(provider: string, model: string): number | undefined {
    const samples = this.#providers.get(provider)?.get(model);
    return samples && this.#p95Of(samples);
  }

  /** Of every model of which one is known. */
  p95s(provider: string): Map<string, number> {
    const known = new Map<string, number>();
    for (const [model, samples] of this.#providers.get(provider)?.entries() ?? []) {
      const p95 = this.#p95Of(samples);
      if (p95 !== undefined) known.set(model, p95);
    }
    return known;
  }

  #p95Of(samples: Samples): number | undefined {
    const nowMs = this.#clock.nowMs();
    if (samples.p95 !== undefined && nowMs - samples.p95AtMs < FRESH_MS) return samples.p95;
    samples.p95AtMs = nowMs;
    const recent = samples.ring.filter(({ atMs }) => nowMs - atMs <= MAX_AGE_MS);
    const sorted = recent.map(({ firstTokenMs }) => firstTokenMs).sort((a, b) => a - b);
    samples.p95 = sorted.length < MIN_SAMPLES ? undefined : sorted[Math.ceil(sorted.length * 0.95) - 1];
    return samples.p95;
  }

  #samples(provider: string, model: string): Samples {
    let models = this.#providers.get(provider);
    if (!models) {
      models = new BoundedMap(MAX_MODELS, ({ ring }) => ring.length >= MIN_SAMPLES);
      this.#providers.set(provider, models);
    }
    let samples = models.get(model);
    if (!samples) {
      samples = { ring: [], next: 0, p95: undefined, p95AtMs: Number.NEGATIVE_INFINITY };
      models.set(model, samples);
    }
    return samples;
  }
}
