const MINUTE_MS = 60_000;
/** Beyond it the window is a shorter one, with as many fewer requests in it. */
const MAX_KEPT = 10_000;

/**
 * A sliding window: never more than so many requests in any 60 s, which is what providers promise to take. Not a bucket: that
 * lets through more in its first minute, or less in all others. What the window has room for goes at once.
 */
export class RateWindow {
  readonly perMinute: number;
  readonly #spanMs: number;
  /** When the last requests went, a ring: the oldest is the next to be overwritten. */
  readonly #times: Float64Array;
  #oldest = 0;

  /** `before`: the window so far, when the user changed the limit. */
  constructor(perMinute: number, before?: RateWindow) {
    this.perMinute = perMinute;
    const size = Math.min(Math.max(1, Math.floor(perMinute)), MAX_KEPT);
    this.#spanMs = (MINUTE_MS * size) / perMinute;
    this.#times = new Float64Array(size).fill(Number.NEGATIVE_INFINITY);
    if (before) for (let index = 0; index < before.#times.length; index++) this.take(before.#at(index));
  }

  take(nowMs: number): void {
    this.#times[this.#oldest] = nowMs;
    this.#oldest = (this.#oldest + 1) % this.#times.length;
  }

  /** When the `position`th request from now on may go, counted from 1. */
  freeAtMs(position: number): number {
    const rounds = Math.floor((position - 1) / this.#times.length);
    return this.#at((position - 1) % this.#times.length) + this.#spanMs * (rounds + 1);
  }

  #at(index: number): number {
    return this.#times[(this.#oldest + index) % this.#times.length] ?? Number.NEGATIVE_INFINITY;
  }
}
