/** The last ones count, and none that is old: a provider's mood of this morning says little. */
const MAX_SAMPLES = 128;
const MAX_AGE_MS = 15 * 60_000;

interface Sample {
  atMs: number;
  value: number;
}

/** What was measured of one target lately. */
export class SampleRing {
  readonly #ring: Sample[] = [];
  #next = 0;

  /** Old ones too. */
  get size(): number {
    return this.#ring.length;
  }

  add(value: number, atMs: number): void {
    const sample = this.#ring[this.#next];
    if (sample) {
      sample.atMs = atMs;
      sample.value = value;
    } else this.#ring.push({ atMs, value });
    this.#next = (this.#next + 1) % MAX_SAMPLES;
  }

  /** The recent ones, least first. */
  sorted(nowMs: number): number[] {
    const recent = this.#ring.filter(({ atMs }) => nowMs - atMs <= MAX_AGE_MS);
    return recent.map(({ value }) => value).sort((a, b) => a - b);
  }
}

export function quantile(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.ceil(sorted.length * share) - 1];
}
