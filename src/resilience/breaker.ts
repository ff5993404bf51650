import type { BreakerConfig } from "../config/config.ts";
import { SlidingCount } from "./sliding-count.ts";

/** `open`: left alone. `probing`: its pause is over, and one request at a time finds out whether it is well again. */
export type BreakerState = "closed" | "open" | "probing";

/** How a breaker stands, for the one of another process. */
export interface BreakerStanding {
  readonly isOpen: boolean;
  /** What is left of its pause. */
  readonly pauseMs: number;
  readonly pauses: number;
  readonly probe: object | undefined;
}

/** For who sends one request at a time, and need not tell them apart. */
const NOBODY = {};

/**
 * Whether one target, or the way to one provider, is to be left alone. Knows no clock: it is told the time, monotonic ms; and
 * which request it is told of, since those that were under way when it opened say nothing of how it is now.
 */
export class Breaker {
  #config: BreakerConfig;
  #requests: SlidingCount;
  #failures: SlidingCount;
  #failuresInARow = 0;
  /** False: closed. */
  #isOpen = false;
  #untilMs = 0;
  /** In a row: each is twice as long as the one before. */
  #pauses = 0;
  #closedAtMs = Number.NEGATIVE_INFINITY;
  /** The request that tries it, while it is out. */
  #probe: object | undefined;
  /** Requests sent in spite of its pause, for want of another target: their success counts as a probe's. */
  #askedAnyway = new WeakSet<object>();

  constructor(config: BreakerConfig) {
    this.#config = config;
    this.#requests = new SlidingCount(config.window_s * 1000);
    this.#failures = new SlidingCount(config.window_s * 1000);
  }

  /** Returns true when it closes by that. */
  configure(config: BreakerConfig, nowMs: number): boolean {
    if (config.window_s !== this.#config.window_s) this.#forget(config);
    this.#config = config;
    return !config.enabled && this.#close(nowMs);
  }

  get isClosed(): boolean {
    return !this.#isOpen;
  }

  state(nowMs: number): BreakerState {
    if (!this.#isOpen) return "closed";
    return nowMs < this.#untilMs ? "open" : "probing";
  }

  /** What is left of its pause. */
  pauseMs(nowMs: number): number {
    return this.#isOpen ? Math.max(0, this.#untilMs - nowMs) : 0;
  }

  /** Has had no trouble that would still count. */
  isForgettable(nowMs: number): boolean {
    return !this.#isOpen && this.#failuresInARow === 0 && this.#isWell(nowMs);
  }

  admits(nowMs: number): boolean {
    return !this.#isOpen || (nowMs >= this.#untilMs && !this.#probe);
  }

  /** Returns true when that is the probe. */
  sent(nowMs: number, request: object = NOBODY): boolean {
    if (!this.#isOpen || this.#probe) return false;
    if (nowMs < this.#untilMs) {
      this.#askedAnyway.add(request);
      return false;
    }
    this.#probe = request;
    return true;
  }

  /** Returns true when it closes by that. An answer to what was asked before its pause closes nothing: it fails for others. */
  succeeded(nowMs: number, request: object = NOBODY): boolean {
    this.#failuresInARow = 0;
    if (this.#isOpen) return (this.#probe === request || this.#askedAnyway.has(request)) && this.#close(nowMs);
    this.#requests.add(nowMs);
    return false;
  }

  /** Returns why it opens by that, if it does. */
  failed(nowMs: number, request: object = NOBODY): string | undefined {
    if (!this.#config.enabled) return undefined;
    if (this.#isOpen) {
      if (this.#probe !== request) return undefined;
      this.#open(nowMs);
      return "it still fails";
    }
    this.#failuresInARow++;
    this.#requests.add(nowMs);
    this.#failures.add(nowMs);
    const reason = this.#reasonToOpen(nowMs);
    if (reason === undefined) return undefined;
    if (this.#isWell(nowMs)) this.#pauses = 0;
    this.#open(nowMs);
    return reason;
  }

  /** Gives the probe back, if it was that one. */
  cancelled(request: object = NOBODY): void {
    if (this.#probe === request) this.#probe = undefined;
  }

  standing(nowMs: number): BreakerStanding {
    return { isOpen: this.#isOpen, pauseMs: this.pauseMs(nowMs), pauses: this.#pauses, probe: this.#probe };
  }

  /** Stands as another one does from now on, which knows of all requests. */
  adopt({ isOpen, pauseMs, pauses, probe }: BreakerStanding, nowMs: number): void {
    if (!isOpen) return void this.#close(nowMs);
    if (!this.#isOpen) this.#askedAnyway = new WeakSet();
    this.#isOpen = true;
    this.#untilMs = nowMs + pauseMs;
    this.#pauses = pauses;
    this.#probe = probe;
  }

  #reasonToOpen(nowMs: number): string | undefined {
    const { consecutive_failures, failure_share, min_requests, window_s } = this.#config;
    if (this.#failuresInARow >= consecutive_failures) {
      return consecutive_failures === 1 ? "a failure" : `${consecutive_failures} failures in a row`;
    }
    const requests = this.#requests.atMost(nowMs);
    const failures = this.#failures.atMost(nowMs);
    if (requests < min_requests || failures <= failure_share * requests) return undefined;
    return `${failures} of ${requests} requests failed within ${window_s} s`;
  }

  /** For as long as the longest pause: its pauses begin short again. */
  #isWell(nowMs: number): boolean {
    return nowMs - this.#closedAtMs >= this.#config.max_pause_s * 1000;
  }

  #open(nowMs: number): void {
    const { first_pause_s, max_pause_s } = this.#config;
    this.#untilMs = nowMs + Math.min(max_pause_s, first_pause_s * 2 ** this.#pauses) * 1000;
    this.#pauses++;
    this.#isOpen = true;
    this.#probe = undefined;
    this.#askedAnyway = new WeakSet();
  }

  #close(nowMs: number): boolean {
    if (!this.#isOpen) return false;
    this.#isOpen = false;
    this.#probe = undefined;
    this.#closedAtMs = nowMs;
    this.#forget(this.#config);
    return true;
  }

  /** What led to a pause must not lead to the next one. */
  #forget({ window_s }: BreakerConfig): void {
    this.#failuresInARow = 0;
    this.#requests = new SlidingCount(window_s * 1000);
    this.#failures = new SlidingCount(window_s * 1000);
  }
}
