import type { Clock } from "../core/clock.ts";
import { FAILURES, type FailureKind } from "../core/failure.ts";
import { BoundedMap } from "./bounded-map.ts";
import { HALF_LIFE_MS, type Typical } from "./typical.ts";

/** Attempts are counted in slots of so long; the last ones count. Together as long as samples do: 15 minutes. */
const SLOT_MS = 30_000;
const SLOTS = 30;
/** What fewer attempts say is chance. */
const MIN_ATTEMPTS = 20;
/** One look through the slots lasts this long: every decision may ask for fifty targets. */
const FRESH_MS = 1_000;
const MAX_MODELS = 1_000;

/** Newer ones count more; from the slot that is filled now back. */
const WEIGHTS = Array.from({ length: SLOTS }, (_, age) => 0.5 ** ((age * SLOT_MS) / HALF_LIFE_MS));

/** The share of attempts that failed of one model, and how many there were. */
export interface ErrorRate extends Typical {
  model: string;
}

/** Attempts of one target, slot by slot: number n of the slots counted from the clock's 0 is at n modulo `SLOTS`. */
class Attempts {
  readonly #all = new Array<number>(SLOTS).fill(0);
  readonly #failed = new Array<number>(SLOTS).fill(0);
  #newest = Number.NEGATIVE_INFINITY;
  #known: Typical | undefined;
  #knownAtMs = Number.NEGATIVE_INFINITY;

  add(failed: boolean, atMs: number, nowMs: number): void {
    this.#turn(nowMs);
    const slot = Math.floor(atMs / SLOT_MS);
    if (slot <= this.#newest - SLOTS || slot > this.#newest) return;
    const at = placeOf(slot);
    this.#all[at] = (this.#all[at] ?? 0) + 1;
    if (failed) this.#failed[at] = (this.#failed[at] ?? 0) + 1;
    // Nothing was known until now: who asks next shall know.
    if (this.#known === undefined) this.#knownAtMs = Number.NEGATIVE_INFINITY;
  }

  rate(nowMs: number): Typical | undefined {
    if (nowMs - this.#knownAtMs >= FRESH_MS) {
      this.#knownAtMs = nowMs;
      this.#known = this.#compute(nowMs);
    }
    return this.#known;
  }

  #compute(nowMs: number): Typical | undefined {
    this.#turn(nowMs);
    let samples = 0;
    let all = 0;
    let failed = 0;
    for (let age = 0; age < SLOTS; age++) {
      const at = placeOf(this.#newest - age);
      const weight = WEIGHTS[age] ?? 0;
      samples += this.#all[at] ?? 0;
      all += weight * (this.#all[at] ?? 0);
      failed += weight * (this.#failed[at] ?? 0);
    }
    return samples < MIN_ATTEMPTS ? undefined : { value: failed / all, samples };
  }

  /** Empties the slots whose time is over. */
  #turn(nowMs: number): void {
    const now = Math.floor(nowMs / SLOT_MS);
    const over = Math.min(now - this.#newest, SLOTS);
    for (let back = 0; back < over; back++) {
      this.#all[placeOf(now - back)] = 0;
      this.#failed[placeOf(now - back)] = 0;
    }
    this.#newest = Math.max(this.#newest, now);
  }
}

/** Slots before the clock's 0 too: a router that just began may know of what was before. */
function placeOf(slot: number): number {
  return ((slot % SLOTS) + SLOTS) % SLOTS;
}

/** How often attempts at each target failed lately. */
export class ErrorRates {
  readonly #clock: Clock;
  /** Told of each attempt seen here, where other processes have to know it too. */
  told: ((...attempt: Parameters<ErrorRates["observe"]>) => void) | undefined;
  readonly #providers = new Map<string, BoundedMap<Attempts>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Forgets all other providers. */
  keep(names: ReadonlySet<string>): void {
    for (const provider of this.#providers.keys()) if (!names.has(provider)) this.#providers.delete(provider);
  }

  /** `outcome`: how an attempt went that was over so long ago; what `failedThere` knows nothing of is not counted. */
  observe(provider: string, model: string, outcome: string, agoMs = 0): void {
    const failed = failedThere(outcome);
    if (failed === undefined) return;
    let models = this.#providers.get(provider);
    if (!models) {
      models = new BoundedMap(MAX_MODELS, () => false);
      this.#providers.set(provider, models);
    }
    let attempts = models.get(model);
    if (!attempts) {
      attempts = new Attempts();
      models.set(model, attempts);
    }
    const nowMs = this.#clock.nowMs();
    attempts.add(failed, nowMs - agoMs, nowMs);
    this.told?.(provider, model, outcome, agoMs);
  }

  /** Undefined below 20 attempts. */
  of(provider: string, model: string): Typical | undefined {
    return this.#providers.get(provider)?.get(model)?.rate(this.#clock.nowMs());
  }

  /** Every model that was asked often enough. */
  measured(provider: string): ErrorRate[] {
    const nowMs = this.#clock.nowMs();
    return [...(this.#providers.get(provider)?.entries() ?? [])].flatMap(([model, attempts]) => {
      const rate = attempts.rate(nowMs);
      return rate ? [{ model, ...rate }] : [];
    });
  }
}

/**
 * Whether an attempt with this outcome (`ok` or a failure kind) failed where another target may do better. Undefined: it says
 * nothing of its target, as it was cancelled, the client left, the request was wrong, or nothing was sent.
 */
function failedThere(outcome: string): boolean | undefined {
  if (outcome === "ok") return false;
  return isKind(outcome) && outcome !== "busy" && FAILURES[outcome].nextTarget ? true : undefined;
}

function isKind(outcome: string): outcome is FailureKind {
  return Object.hasOwn(FAILURES, outcome);
}
