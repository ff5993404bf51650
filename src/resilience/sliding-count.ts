const SLOTS = 10;

/** How often something happened of late: no timer, and no memory for the single event. */
export class SlidingCount {
  readonly #slotMs: number;
  /** One more than the window has: wherever it begins, it cuts through one. */
  readonly #slots = new Array<number>(SLOTS + 1).fill(0);
  /** Number of the newest slot, counted from the clock's 0. */
  #newest = 0;

  constructor(windowMs: number) {
    this.#slotMs = windowMs / SLOTS;
  }

  add(nowMs: number): void {
    this.#turn(nowMs);
    const at = this.#newest % this.#slots.length;
    this.#slots[at] = (this.#slots[at] ?? 0) + 1;
  }

  /** Never more than there were in the window: the slot it cuts through is left out. */
  atLeast(nowMs: number): number {
    return this.atMost(nowMs) - (this.#slots[(this.#newest + 1) % this.#slots.length] ?? 0);
  }

  /** Never fewer than there were in the window. */
  atMost(nowMs: number): number {
    this.#turn(nowMs);
    let sum = 0;
    for (const count of this.#slots) sum += count;
    return sum;
  }

  /** Empties the slots whose time is over. */
  #turn(nowMs: number): void {
    const now = Math.floor(nowMs / this.#slotMs);
    if (now <= this.#newest) return;
    const over = Math.min(now - this.#newest, this.#slots.length);
    for (let back = 0; back < over; back++) this.#slots[(now - back) % this.#slots.length] = 0;
    this.#newest = now;
  }
}
