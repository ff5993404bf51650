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
  /** Told of what is asked and taken here, where other processes share the budget. */
  told: ((what: "requested" | "taken") => void) | undefined;

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
    this.told?.("requested");
  }

  /** One more attempt: true, and it is counted, when the budget has one. */
  tryTake(): boolean {
    const nowMs = this.#clock.nowMs();
    const allowed = this.#share * this.#requests.atLeast(nowMs) + this.#reserve;
    if (this.#taken.atMost(nowMs) + 1 > allowed) return false;
    this.#taken.add(nowMs);
    this.told?.("taken");
    return true;
  }

  /** What another process asked for and took. */
  adopt(requested: number, taken: number): void {
    const nowMs = this.#clock.nowMs();
    for (let count = 0; count < requested; count++) this.#requests.add(nowMs);
    for (let count = 0; count < taken; count++) this.#taken.add(nowMs);
  }
}
