const SECONDS = 60;

/** How much there was in each of the last 60 seconds. */
export class Rate {
  /** The second of the newest bucket. */
  #second: number;
  readonly #buckets: number[] = new Array<number>(SECONDS).fill(0);

  constructor(nowMs: number) {
    this.#second = secondOf(nowMs);
  }

  add(count: number, nowMs: number): void {
    this.#turn(nowMs);
    const at = this.#second % SECONDS;
    this.#buckets[at] = (this.#buckets[at] ?? 0) + count;
  }

  /** Oldest first; the last is of the second that runs. */
  seconds(nowMs: number): number[] {
    this.#turn(nowMs);
    return this.#buckets.map((_, index) => this.#buckets[(this.#second + 1 + index) % SECONDS] ?? 0);
  }

  /** Mean of the last `seconds` whole ones. */
  perSecond(nowMs: number, seconds = 5): number {
    const whole = this.seconds(nowMs).slice(-seconds - 1, -1);
    return whole.reduce((sum, count) => sum + count, 0) / seconds;
  }

  #turn(nowMs: number): void {
    const second = secondOf(nowMs);
    // A clock that was put back goes on with the newest bucket.
    if (second <= this.#second) return;
    for (let next = Math.max(this.#second + 1, second - SECONDS + 1); next <= second; next++) {
      this.#buckets[next % SECONDS] = 0;
    }
    this.#second = second;
  }
}

function secondOf(nowMs: number): number {
  return Math.floor(nowMs / 1_000);
}

const BARS = "▁▂▃▄▅▆▇█";

/** A row of bars, one for each value; blank where there is nothing. */
export function sparkline(values: readonly number[]): string {
  const most = Math.max(...values, 0);
  if (most === 0) return " ".repeat(values.length);
  return values
    .map((value) => (value === 0 ? " " : (BARS[Math.ceil((value / most) * BARS.length) - 1] ?? " ")))
    .join("");
}
