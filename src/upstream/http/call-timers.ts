import type { Clock, Timer } from "../../core/clock.ts";
import type { Timeouts } from "../timeouts.ts";

/** Which timer ran out. */
export type Expiry = "connect" | "first_byte" | "idle" | "total";

/** Whose timers they are. */
export interface TimedCall {
  expired(which: Expiry): void;
}

/** Made once: names put together for each call are looked up slowly. */
const LIMIT_OF = { connect: "connect_ms", first_byte: "first_byte_ms", idle: "idle_ms" } as const;

/** Node calls timers that are set for longer at once. */
const MAX_DELAY_MS = 2 ** 31 - 1;
/** A timer that comes so late was held up by us: what arrived meanwhile has not been read yet. */
const LATE_MS = 50;

/**
 * The four timers of a call. One of the clock's at a time, set for what is due first: what feeds the idle timer only notes the
 * time, and a timer that comes too early looks again. A limit of 0 means none.
 */
export class CallTimers {
  readonly #clock: Clock;
  readonly #limits: Timeouts;
  readonly #call: TimedCall;
  readonly #totalDueMs: number;
  #phase: Exclude<Expiry, "total"> = "connect";
  #sinceMs: number;
  #paused = false;
  #timer: Timer | undefined;
  #firesMs = 0;
  #excused = false;

  /** `limits.total_ms`: what the call has, be it the provider's or what is left of the exchange's time. */
  constructor(clock: Clock, limits: Timeouts, call: TimedCall, nowMs: number) {
    this.#clock = clock;
    this.#limits = limits;
    this.#call = call;
    this.#sinceMs = nowMs;
    this.#totalDueMs = limits.total_ms > 0 ? nowMs + limits.total_ms : Number.POSITIVE_INFINITY;
    this.#schedule(nowMs);
  }

  /** A connection is looked for. */
  connecting(nowMs: number): void {
    this.#enter("connect", nowMs);
  }

  /** The connection stands, the request goes out. */
  sent(nowMs: number): void {
    this.#enter("first_byte", nowMs);
  }

  /** The head of the answer is there. */
  answering(nowMs: number): void {
    this.#enter("idle", nowMs);
  }

  /** Something of the answer came. Called for each piece. */
  fed(): void {
    this.#sinceMs = this.#clock.nowMs();
  }

  /** Nothing comes because nobody reads: no fault of the provider's. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.fed();
    this.#schedule(this.#sinceMs);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #enter(phase: Exclude<Expiry, "total">, nowMs: number): void {
    this.#phase = phase;
    this.#sinceMs = nowMs;
    this.#schedule(nowMs);
  }

  #phaseDueMs(): number {
    const limit = this.#limits[LIMIT_OF[this.#phase]];
    const counts = limit > 0 && !(this.#paused && this.#phase === "idle");
    return counts ? this.#sinceMs + limit : Number.POSITIVE_INFINITY;
  }

  /** A timer that is set for an earlier time stays: it costs less to look once more than to set it anew each time. */
  #schedule(nowMs: number): void {
    const dueMs = Math.min(this.#phaseDueMs(), this.#totalDueMs);
    if (this.#timer && this.#firesMs <= dueMs) return;
    this.stop();
    if (dueMs !== Number.POSITIVE_INFINITY) this.#set(dueMs, nowMs);
  }

  #set(atMs: number, nowMs: number): void {
    this.#firesMs = atMs;
    this.#timer = this.#clock.after(Math.min(Math.max(atMs - nowMs, 0), MAX_DELAY_MS), () => this.#fire());
  }

  #fire(): void {
    this.#timer = undefined;
    const nowMs = this.#clock.nowMs();
    const isTotal = nowMs >= this.#totalDueMs;
    if (!isTotal && nowMs < this.#phaseDueMs()) return this.#schedule(nowMs);
    if (!this.#excused && nowMs - this.#firesMs > LATE_MS) {
      this.#excused = true;
      this.#set(nowMs, nowMs);
    } else this.#call.expired(isTotal ? "total" : this.#phase);
  }
}
