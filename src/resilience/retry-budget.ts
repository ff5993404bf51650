import type { Clock } from "../core/clock.ts";
import { SlidingCount } from "./sliding-count.ts";

interface RetryBudgetOptions {
  /** Further attempts, as a share of the requests of the last window. */
  share: number;
  /** Besides those, so many in a window: a router with little to do may try again too. */
  reserve?: number;
  windowMs?: number;
}

/**
 * Keeps retries from multiplying the load on providers that are down already: of all requests of the last 10 s a fifth may
 * be tried again, whatever each of them would like.
 */
export class RetryBudget {
  readonly #clock: Clock;
  readonly #reserve: number;
  readonly #requests: SlidingCount;
  readonly #taken: SlidingCount;
  #share: number;

  constructor(clock: Clock, { share, reserve = 10, windowMs = 10_000 }: RetryBudgetOptions) {
    this.#clock = clock;
    this.#share = share;
    this.#reserve = reserve;
    this.#requests = new SlidingCount(windowMs);
    this.#taken = new SlidingCount(windowMs);
  }

  /** From now on; what was asked and taken still counts. */
  configure({ share }: { share: number }): void {
    this.#share = share;
  }

  /** A request came. */
  requested(): void {
    this.#requests.add(this.#clock.nowMs());
  }

  /** One more attempt: true, and it is counted, when the budget has one. */
  tryTake(): boolean {
    const nowMs = this.#clock.nowMs();
    const allowed = this.#share * this.#requests.atLeast(nowMs) + this.#reserve;
    if (this.#taken.atMost(nowMs) + 1 > allowed) return false;
    this.#taken.add(nowMs);
    return true;
  }
}
