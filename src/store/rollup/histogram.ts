import type { ByteReader, ByteWriter } from "./bytes.ts";

/** Below this each whole number is a bucket of its own; from there on buckets grow by so much: their middle is within 4.5 % of all in them. */
const EXACT = 16;
const GROWTH = 1.09;
const LOG_GROWTH = Math.log(GROWTH);
/** The last one holds whatever is longer: some 40 days. */
const BUCKETS = 240;

/** Durations counted in buckets that grow with them, so that percentiles of any number of them cost the same. */
export class Histogram {
  /** As long as the last bucket that has anything in it: most have little, and there are many of them. */
  readonly #counts: number[] = [];
  #total = 0;

  /** ms. */
  add(value: number): void {
    this.#plus(bucketOf(value), 1);
  }

  merge(other: Histogram): void {
    for (let bucket = 0; bucket < other.#counts.length; bucket++) {
      const count = other.#counts[bucket] ?? 0;
      if (count > 0) this.#plus(bucket, count);
    }
  }

  /** Likewise, as if so many were in it, shared out as they are. */
  mergeScaled(other: Histogram, total: number): void {
    if (other.#total === 0) return;
    for (let bucket = 0; bucket < other.#counts.length; bucket++) {
      const count = other.#counts[bucket] ?? 0;
      if (count > 0) this.#plus(bucket, (count * total) / other.#total);
    }
  }

  /** Adds what `pack` wrote. */
  unpack(bytes: ByteReader): void {
    let bucket = -1;
    for (let left = bytes.number(); left > 0; left--) {
      bucket += bytes.number();
      this.#plus(bucket, bytes.number());
    }
  }

  /** How many buckets have anything in them; then for each how far it is from the one before, and what is in it. */
  pack(bytes: ByteWriter): void {
    const filled: number[] = [];
    for (let bucket = 0; bucket < this.#counts.length; bucket++) if (this.#counts[bucket]) filled.push(bucket);
    bytes.number(filled.length);
    let last = -1;
    for (const bucket of filled) {
      bytes.number(bucket - last);
      bytes.number(this.#counts[bucket] ?? 0);
      last = bucket;
    }
  }

  /** The smallest value that so many of a hundred do not exceed, for each of `percents` (ascending); undefined: there is none at all. */
  percentiles(percents: readonly number[]): number[] | undefined {
    if (this.#total === 0) return undefined;
    let bucket = 0;
    let seen = this.#counts[0] ?? 0;
    return percents.map((percent) => {
      const rank = Math.max(1, Math.ceil((percent / 100) * this.#total));
      while (seen < rank && bucket < this.#counts.length - 1) seen += this.#counts[++bucket] ?? 0;
      return middleOf(bucket);
    });
  }

  #plus(bucket: number, count: number): void {
    const at = Math.min(bucket, BUCKETS - 1);
    while (this.#counts.length <= at) this.#counts.push(0);
    this.#counts[at] = (this.#counts[at] ?? 0) + count;
    this.#total += count;
  }
}

function bucketOf(value: number): number {
  if (value < EXACT) return Math.max(0, Math.floor(value));
  return EXACT + Math.round(Math.log(value / EXACT) / LOG_GROWTH);
}

/** With one digit behind the point while that matters. */
function middleOf(bucket: number): number {
  if (bucket < EXACT) return bucket;
  const middle = EXACT * GROWTH ** (bucket - EXACT);
  return middle < 200 ? Math.round(middle * 10) / 10 : Math.round(middle);
}
