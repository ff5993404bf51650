/** The last ones count, and none that is old: a provider's mood of this morning says little. */
const MAX_SAMPLES = 128;
export const MAX_AGE_MS = 15 * 60_000;

export interface Sample {
  /** Monotonic, ms. */
  atMs: number;
  value: number;
  /** A class of things alike. */
  size: number;
}

/** What was measured of one target lately. */
export class SampleRing {
  readonly #ring: Sample[] = [];
  #next = 0;

  /** Old ones too. */
  get size(): number {
    return this.#ring.length;
  }

  add(value: number, atMs: number, size = 0): void {
    const sample = this.#ring[this.#next];
    if (sample) Object.assign(sample, { atMs, value, size });
    else this.#ring.push({ atMs, value, size });
    this.#next = (this.#next + 1) % MAX_SAMPLES;
  }

  /** The recent ones, least first. */
  sorted(nowMs: number): number[] {
    return this.recent(nowMs).map(({ value }) => value);
  }

  /** Likewise, with all that is known of them. */
  recent(nowMs: number): Sample[] {
    return this.#ring.filter(({ atMs }) => nowMs - atMs <= MAX_AGE_MS).sort((a, b) => a.value - b.value);
  }
}

export function quantile(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.ceil(sorted.length * share) - 1];
}
