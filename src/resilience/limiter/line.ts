import type { ProviderConfig } from "../../config/config.ts";
import type { Clock, Timer } from "../../core/clock.ts";
import type { Failure } from "../../core/failure.ts";
import { LoadedModels, type ModelUse } from "./loaded-models.ts";
import { RateWindow } from "./rate-window.ts";
import type { Slot, SlotWaiter } from "./slot.ts";

type Limits = Pick<ProviderConfig, "max_concurrency" | "max_queue" | "max_queue_ms" | "requests_per_minute">;

/** How a provider's line stands, for people. */
export interface LineState {
  in_flight: number;
  queued: number;
  /** How long a request takes there, lately; absent before the first was over. */
  mean_ms?: number;
}

/** Of the mean, the share of each new value: the last ten or so tell. */
const WEIGHT = 0.2;
/** For who is turned away before any request was over. */
const UNKNOWN_WAIT_MS = 5_000;
const NOTHING_TO_CANCEL = { cancel: (): void => undefined };

interface Waiting {
  waiter: SlotWaiter;
  use: ModelUse | undefined;
  deadline: Timer;
}

/** The requests of one provider: those it has, and those that wait, in the order they came. */
export class Line {
  readonly #clock: Clock;
  readonly #models = new LoadedModels();
  /** In order; the set gives a place back in the middle as cheaply as at the front. */
  readonly #waiting = new Set<Waiting>();
  #limits: Limits | undefined;
  #maxHeld = Number.POSITIVE_INFINITY;
  #window: RateWindow | undefined;
  #windowTimer: Timer | undefined;
  #held = 0;
  #meanMs: number | undefined;
  #isPumping = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `model`: only where it may have to be loaded first. */
  ask(limits: Limits, model: string | undefined, waiter: SlotWaiter): { cancel(): void } {
    if (limits !== this.#limits) this.#adopt(limits);
    // Time alone may have made room for those before.
    if (this.#waiting.size > 0) this.#pump();
    const nowMs = this.#clock.nowMs();
    const use = model === undefined || limits.max_queue_ms === 0 ? undefined : this.#models.use(model, nowMs);
    const hasRoom = this.#hasRoom(nowMs);
    const mayWait = limits.max_queue_ms > 0 && this.#waiting.size < limits.max_queue;
    // While the line is served in a call further out, room is for who waits already.
    const goes = hasRoom && !use?.isLoading(nowMs) && !(this.#isPumping && this.#waiting.size > 0);
    // Waiting for a model to load is our courtesy, not a limit: no reason to refuse anybody.
    if (goes || (hasRoom && !mayWait)) this.#grant(waiter, use);
    else {
      const waitMs = hasRoom ? 0 : this.#expectedMs(nowMs, this.#waiting.size + 1);
      if (mayWait && waitMs <= limits.max_queue_ms) return this.#enqueue(waiter, use, limits.max_queue_ms);
      if (use) use.users--;
      waiter.refused(this.#busy(limits, waitMs, mayWait || limits.max_queue_ms === 0 ? "spill" : "full"));
    }
    return NOTHING_TO_CANCEL;
  }

  state(): LineState {
    const state: LineState = { in_flight: this.#held, queued: this.#waiting.size };
    if (this.#meanMs !== undefined) state.mean_ms = Math.round(this.#meanMs);
    return state;
  }

  #adopt(limits: Limits): void {
    this.#limits = limits;
    this.#maxHeld = limits.max_concurrency ?? Number.POSITIVE_INFINITY;
    this.#stopWatching();
    const rate = limits.requests_per_minute;
    if (rate !== this.#window?.perMinute)
      this.#window = rate === undefined ? undefined : new RateWindow(rate, this.#window);
  }

  #hasRoom(nowMs: number): boolean {
    return this.#held < this.#maxHeld && (this.#window === undefined || this.#window.freeAtMs(1) <= nowMs);
  }

  #grant(waiter: SlotWaiter, use: ModelUse | undefined): void {
    const nowMs = this.#clock.nowMs();
    const held = new Held(this, use, nowMs);
    this.#held++;
    this.#window?.take(nowMs);
    if (use && !use.loader && !use.isLoaded(nowMs)) {
      held.isLoader = true;
      const giveUp = (): void => {
        use.endLoading();
        // From here on it is Ollama's to queue them.
        use.usedMs = this.#clock.nowMs();
        this.#pump();
      };
      use.loader = { by: held, until: this.#clock.after(this.#limits?.max_queue_ms ?? 0, giveUp) };
    }
    waiter.granted(held);
  }

  #enqueue(waiter: SlotWaiter, use: ModelUse | undefined, ms: number): { cancel(): void } {
    const waiting: Waiting = { waiter, use, deadline: this.#clock.after(ms, () => this.#expired(waiting)) };
    this.#waiting.add(waiting);
    this.#watchWindow();
    return { cancel: () => this.#leave(waiting) };
  }

  /** False when it had left already. */
  #leave(waiting: Waiting): boolean {
    if (!this.#waiting.delete(waiting)) return false;
    waiting.deadline.cancel();
    if (waiting.use) waiting.use.users--;
    if (this.#waiting.size === 0) this.#stopWatching();
    return true;
  }

  #expired(waiting: Waiting): void {
    const nowMs = this.#clock.nowMs();
    this.#leave(waiting);
    // It waited for its model only.
    if (this.#hasRoom(nowMs)) {
      if (waiting.use) waiting.use.users++;
      this.#grant(waiting.waiter, waiting.use);
    } else if (this.#limits) {
      waiting.waiter.refused(this.#busy(this.#limits, this.#expectedMs(nowMs, this.#waiting.size + 1), "late"));
    }
  }

  /** Serves the line as far as there is room. Those served may ask and release meanwhile. */
  #pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    try {
      for (let next = this.#next(); next; next = this.#next()) {
        this.#leave(next);
        if (next.use) next.use.users++;
        this.#grant(next.waiter, next.use);
      }
    } finally {
      this.#isPumping = false;
    }
    this.#watchWindow();
  }

  /** The first that may go: one whose model is being loaded lets those behind it pass. */
  #next(): Waiting | undefined {
    if (this.#waiting.size === 0) return undefined;
    const nowMs = this.#clock.nowMs();
    if (!this.#hasRoom(nowMs)) return undefined;
    for (const waiting of this.#waiting) if (!waiting.use?.isLoading(nowMs)) return waiting;
    return undefined;
  }

  #watchWindow(): void {
    if (this.#windowTimer || !this.#window || this.#waiting.size === 0) return;
    const ms = this.#window.freeAtMs(1) - this.#clock.nowMs();
    if (ms <= 0) return;
    this.#windowTimer = this.#clock.after(Math.ceil(ms), () => {
      this.#windowTimer = undefined;
      this.#pump();
    });
  }

  #stopWatching(): void {
    this.#windowTimer?.cancel();
    this.#windowTimer = undefined;
  }

  /** How long the `position`th in the line will wait; what runs is half over on average. */
  #expectedMs(nowMs: number, position: number): number {
    const slot = this.#held < this.#maxHeld ? 0 : ((position - 0.5) * (this.#meanMs ?? 0)) / this.#maxHeld;
    const rate = this.#window ? this.#window.freeAtMs(position) - nowMs : 0;
    return Math.max(slot, rate, 0);
  }

  #busy(limits: Limits, waitMs: number, why: "full" | "spill" | "late"): Failure {
    const isHeld = this.#held >= this.#maxHeld;
    const limit = isHeld
      ? `max_concurrency (${limits.max_concurrency})`
      : `requests_per_minute (${limits.requests_per_minute})`;
    const reasons = {
      full: `is reached, and max_queue (${limits.max_queue}) wait already`,
      spill: `is reached, and the wait of about ${seconds(waitMs)} s would be longer than max_queue_ms (${limits.max_queue_ms})`,
      late: `was reached for all of max_queue_ms (${limits.max_queue_ms})`,
    };
    const retryMs = isHeld && this.#meanMs === undefined ? Math.max(waitMs, UNKNOWN_WAIT_MS) : waitMs;
    return { kind: "busy", message: `its limit ${limit} ${reasons[why]}`, retryAfter: seconds(retryMs) };
  }

  /** For `Held` only. */
  answered(use: ModelUse): void {
    use.answering++;
    use.endLoading();
    if (this.#waiting.size > 0) this.#pump();
  }

  /** For `Held` only. */
  released(held: Held, use: ModelUse | undefined, startedMs: number): void {
    const nowMs = this.#clock.nowMs();
    this.#held--;
    if (use) {
      use.users--;
      if (held.isAnswered) {
        use.answering--;
        use.usedMs = nowMs;
      }
      // It failed, or its client left, and Ollama gives loading up with it: the next one has it loaded.
      if (use.loader?.by === held) use.endLoading();
    }
    // Loading says nothing of how long the next ones take.
    if (!held.isLoader) {
      const ms = nowMs - startedMs;
      this.#meanMs = this.#meanMs === undefined ? ms : this.#meanMs + WEIGHT * (ms - this.#meanMs);
    }
    if (this.#waiting.size > 0) this.#pump();
  }
}

class Held implements Slot {
  isAnswered = false;
  /** Its model was not there when it went. */
  isLoader = false;
  readonly #line: Line;
  readonly #use: ModelUse | undefined;
  readonly #startedMs: number;
  #isReleased = false;

  constructor(line: Line, use: ModelUse | undefined, startedMs: number) {
    this.#line = line;
    this.#use = use;
    this.#startedMs = startedMs;
  }

  answered(): void {
    if (this.isAnswered || this.#isReleased) return;
    this.isAnswered = true;
    if (this.#use) this.#line.answered(this.#use);
  }

  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#line.released(this, this.#use, this.#startedMs);
  }
}

function seconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000));
}
