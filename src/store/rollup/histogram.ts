/** Buckets grow by so much: their middle, also as a whole number, is within 5 % of everything in them. */
const GROWTH = 1.05;
const LOG_GROWTH = Math.log(GROWTH);

/** Durations counted in buckets that grow with them, so that percentiles of any number of them cost the same. */
export class Histogram {
  readonly #counts: Map<number, number>;

  /** `packed`: what `pack` gave. */
  constructor(packed: readonly number[] = []) {
    this.#counts = new Map();
    for (let at = 0; at + 1 < packed.length; at += 2) this.#add(packed[at] ?? 0, packed[at + 1] ?? 0);
  }

  /** ms. */
  add(value: number): void {
    this.#add(bucketOf(value), 1);
  }

  merge(other: Histogram): void {
    for (const [bucket, count] of other.#counts) this.#add(bucket, count);
  }

  /** Bucket, count, bucket, count, … */
  pack(): number[] {
    return [...this.#counts].flat();
  }

  /** The smallest value that so many of a hundred do not exceed, for each of `percents` (ascending); undefined: there is none at all. */
  percentiles(percents: readonly number[]): number[] | undefined {
    const buckets = [...this.#counts].sort(([a], [b]) => a - b);
    const total = buckets.reduce((sum, [, count]) => sum + count, 0);
    if (total === 0) return undefined;
    let at = 0;
    let seen = buckets[0]?.[1] ?? 0;
    return percents.map((percent) => {
      const rank = Math.max(1, Math.ceil((percent / 100) * total));
      while (seen < rank && at < buckets.length - 1) seen += buckets[++at]?.[1] ?? 0;
      return middleOf(buckets[at]?.[0] ?? 0);
    });
  }

  #add(bucket: number, count: number): void {
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + count);
  }
}

/** Durations are whole ms: those below 1 are 0. */
function bucketOf(value: number): number {
  return value < 1 ? 0 : 1 + Math.round(Math.log(value) / LOG_GROWTH);
}

function middleOf(bucket: number): number {
  return bucket === 0 ? 0 : Math.round(GROWTH ** (bucket - 1));
}
