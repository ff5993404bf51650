import type { Clock, Timer } from "../../src/core/clock.ts";

interface Due {
  atMs: number;
  run: () => void;
}

/** Time that stands still until a test moves it. Both clocks show the same, from 0. */
export class FakeClock implements Clock {
  #nowMs = 0;
  readonly #timers = new Set<Due>();

  nowMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return this.#nowMs;
  }

  after(ms: number, run: () => void): Timer {
    const due = { atMs: this.#nowMs + ms, run };
    this.#timers.add(due);
    return { cancel: () => void this.#timers.delete(due) };
  }

  /** Timers that wait. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Moves time on, calling what comes due on the way, in order. */
  advance(ms: number): void {
    const end = this.#nowMs + ms;
    for (let next = this.#next(end); next; next = this.#next(end)) {
      this.#timers.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.run();
    }
    this.#nowMs = end;
  }

  #next(endMs: number): Due | undefined {
    let first: Due | undefined;
    for (const due of this.#timers) if (due.atMs <= endMs && (!first || due.atMs < first.atMs)) first = due;
    return first;
  }
}
