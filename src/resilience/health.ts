import type { BreakerConfig } from "../config/config.ts";
import type { Clock } from "../core/clock.ts";
import { FAILURES, type Failure } from "../core/failure.ts";
import { type Alarm, type AlarmKind, Alarms, alarmKind, briefly } from "./alarms.ts";
import { BoundedMap } from "./bounded-map.ts";
import { Breaker, type BreakerStanding, type BreakerState } from "./breaker.ts";
import { type LastFailure, LastFailures } from "./last-failures.ts";

const MAX_MODELS = 1_000;
/** A provider may ask to be left alone for so long; what asks for more than a day is no time at all. */
const MAX_HOLD_S = 600;
const ABSURD_HOLD_S = 24 * 60 * 60;

/** Something its owner may want to know, said once: not with every request. */
export interface HealthChange {
  provider: string;
  /** Null: the provider as a whole. */
  model: string | null;
  state: BreakerState;
  /** Of ours; holds neither keys nor anything of a prompt. */
  reason: string;
  /** How long it is left alone from now on. */
  pauseMs: number;
  /** Not a change of state, but something to be seen to. */
  alarm: AlarmKind | null;
}

export interface ProviderHealth {
  state: BreakerState;
  reason: string | null;
  pauseMs: number;
  alarms: Alarm[];
  /** Those that are left alone, on probation or asked for a pause themselves. */
  models: ModelHealth[];
}

interface ModelHealth {
  model: string;
  state: BreakerState;
  reason: string | null;
  pauseMs: number;
  /** What is left of the time its `Retry-After` named. */
  holdMs: number;
}

/** How a target, or the way to a provider, stands: for another process. */
export interface Standing {
  readonly breaker: BreakerStanding;
  readonly reason: string;
  /** What is left of the time its `Retry-After` named. */
  readonly holdMs: number;
}

interface Target {
  breaker: Breaker;
  /** Why it opened last. */
  reason: string;
  /** By its own `Retry-After`; 0: never. */
  heldUntilMs: number;
}

interface Known {
  /** Of the way to it: failed connections count for all its models. */
  breaker: Breaker;
  reason: string;
  readonly alarms: Alarms;
  readonly failures: LastFailures;
  readonly targets: BoundedMap<Target>;
}

/** Which targets are to be left alone, by what became of the requests they got. A target is a provider and the model sent. */
export class Health {
  #config: BreakerConfig;
  readonly #clock: Clock;
  readonly #changed: (change: HealthChange) => void;
  readonly #providers = new Map<string, Known>();
  /** Requests that were sent and are not over, by provider. */
  readonly #inFlight = new Map<string, number>();

  constructor(config: BreakerConfig, clock: Clock, changed: (change: HealthChange) => void) {
    this.#config = config;
    this.#clock = clock;
    this.#changed = changed;
  }

  /** A new config: what is known stays, but for alarms, which its owner may just have seen to. */
  configure(config: BreakerConfig): void {
    this.#config = config;
    const nowMs = this.#clock.nowMs();
    const reason = "breakers are turned off";
    for (const [provider, known] of this.#providers) {
      known.alarms.clear();
      if (known.breaker.configure(config, nowMs)) this.#say(provider, null, "closed", reason);
      for (const [model, target] of known.targets.entries()) {
        if (!config.enabled) target.heldUntilMs = 0;
        if (target.breaker.configure(config, nowMs)) this.#say(provider, model, "closed", reason);
      }
    }
  }

  /** Forgets all others: they are gone, or somewhere else. */
  keep(names: ReadonlySet<string>): void {
    const reason = "its config is another one, or gone";
    for (const [provider, { breaker, targets }] of this.#providers) {
      if (names.has(provider)) continue;
      this.#providers.delete(provider);
      if (!breaker.isClosed) this.#say(provider, null, "closed", reason);
      for (const [model, target] of targets.entries())
        if (!target.breaker.isClosed) this.#say(provider, model, "closed", reason);
    }
  }

  /** May it be asked now? False while it is left alone. Takes nothing. */
  admits(provider: string, model: string): boolean {
    const known = this.#providers.get(provider);
    if (!known) return true;
    const target = known.targets.get(model);
    const isWell = known.breaker.isClosed && (!target || (target.breaker.isClosed && target.heldUntilMs === 0));
    if (isWell) return true;
    const nowMs = this.#clock.nowMs();
    if (!known.breaker.admits(nowMs)) return false;
    return !target || (nowMs >= target.heldUntilMs && target.breaker.admits(nowMs));
  }

  /** How long its own `Retry-After` still asks to leave it alone. */
  holdMs(provider: string, model: string): number {
    const until = this.#providers.get(provider)?.targets.get(model)?.heldUntilMs ?? 0;
    return until === 0 ? 0 : Math.max(0, until - this.#clock.nowMs());
  }

  /** Whether it is left alone: by the way to its provider, or by itself. */
  stateOf(provider: string, model: string): BreakerState {
    const known = this.#providers.get(provider);
    if (!known) return "closed";
    const nowMs = this.#clock.nowMs();
    const state = known.breaker.state(nowMs);
    return state === "closed" ? (known.targets.get(model)?.breaker.state(nowMs) ?? "closed") : state;
  }

  /** Right before sending: takes the probe of a target on probation. `request`: whatever stands for it, here and when it is over. */
  sent(provider: string, model: string, request?: object): void {
    this.#inFlight.set(provider, this.inFlight(provider) + 1);
    const known = this.#providers.get(provider);
    if (!known) return;
    const target = known.targets.get(model);
    if (known.breaker.isClosed && (!target || target.breaker.isClosed)) return;
    const nowMs = this.#clock.nowMs();
    const reason = "its pause is over: one request tries it";
    if (known.breaker.sent(nowMs, request)) this.#say(provider, null, "probing", reason);
    if (target?.breaker.sent(nowMs, request)) this.#say(provider, model, "probing", reason);
  }

  succeeded(provider: string, model: string, request?: object): void {
    this.#over(provider);
    const nowMs = this.#clock.nowMs();
    const known = this.#known(provider);
    known.alarms.answered(model);
    this.#connected(provider, known, nowMs, request);
    if (this.#target(known, model).breaker.succeeded(nowMs, request))
      this.#say(provider, model, "closed", "it answers again");
  }

  /** What follows is in `FAILURES`: load and faults count, what only its owner can mend raises an alarm. */
  failed(provider: string, model: string, failure: Failure, request?: object): void {
    const { kind } = failure;
    if (kind === "busy" || kind === "client-gone") return this.cancelled(provider, model, request);
    this.#over(provider);
    const nowMs = this.#clock.nowMs();
    const known = this.#known(provider);
    known.failures.add(model, failure, nowMs);
    const alarm = alarmKind(kind);
    if (alarm) this.#alarm(provider, model, alarm, failure, nowMs);
    this.#hold(known, model, failure, nowMs);
    if (kind === "connect") {
      known.targets.get(model)?.breaker.cancelled(request);
      const why = known.breaker.failed(nowMs, request);
      if (why !== undefined) known.reason = this.#opened(provider, null, known.breaker, why, failure);
      return;
    }
    // A timer of ours tells nothing of the way there: the connection may have stood long before. Nor is a connection that
    // nothing may be sent over one.
    if (kind === "tls" || (kind === "timeout" && failure.upstreamStatus === undefined))
      known.breaker.cancelled(request);
    else this.#connected(provider, known, nowMs, request);
    if (!FAILURES[kind].penalty) {
      known.targets.get(model)?.breaker.cancelled(request);
      return;
    }
    const target = this.#target(known, model);
    const why = target.breaker.failed(nowMs, request);
    if (why !== undefined) target.reason = this.#opened(provider, model, target.breaker, why, failure);
  }

  /** Neither: a hedge lost, a client left; gives a probe back. */
  cancelled(provider: string, model: string, request?: object): void {
    this.#over(provider);
    const known = this.#providers.get(provider);
    known?.breaker.cancelled(request);
    known?.targets.get(model)?.breaker.cancelled(request);
  }

  /** Null: the way to the provider. Undefined: nothing is known of it. */
  standing(provider: string, model: string | null): Standing | undefined {
    const known = this.#providers.get(provider);
    const one = model === null ? known : known?.targets.get(model);
    if (!one) return undefined;
    const holdMs = model === null ? 0 : this.holdMs(provider, model);
    return { breaker: one.breaker.standing(this.#clock.nowMs()), reason: one.reason, holdMs };
  }

  /** Takes over how it stands elsewhere, where all requests are known. */
  adopt(provider: string, model: string | null, { breaker, reason, holdMs }: Standing): void {
    const nowMs = this.#clock.nowMs();
    const known = this.#known(provider);
    const one = model === null ? known : this.#target(known, model);
    one.breaker.adopt(breaker, nowMs);
    one.reason = reason;
    if ("heldUntilMs" in one) one.heldUntilMs = holdMs === 0 ? 0 : nowMs + holdMs;
  }

  /** Those that are not simply well. */
  *troubled(): Generator<[provider: string, model: string | null]> {
    for (const [provider, { breaker, targets }] of this.#providers) {
      if (!breaker.isClosed) yield [provider, null];
      for (const [model, target] of targets.entries())
        if (!target.breaker.isClosed || target.heldUntilMs > 0) yield [provider, model];
    }
  }

  /** How many requests it has right now. */
  inFlight(provider: string): number {
    return this.#inFlight.get(provider) ?? 0;
  }

  /** The latest attempts that failed, newest first. */
  failures(provider: string): LastFailure[] {
    return this.#providers.get(provider)?.failures.list() ?? [];
  }

  /** By provider; those nothing is known of are left out. */
  snapshot(): Map<string, ProviderHealth> {
    const nowMs = this.#clock.nowMs();
    return new Map(
      [...this.#providers].map(([provider, known]) => [
        provider,
        { ...stateOf(known, nowMs), alarms: known.alarms.list(nowMs), models: troubled(known, nowMs) },
      ]),
    );
  }

  /** What was sent is over: `sent` is always followed by one of three. */
  #over(provider: string): void {
    const left = this.inFlight(provider) - 1;
    if (left > 0) this.#inFlight.set(provider, left);
    else this.#inFlight.delete(provider);
  }

  #connected(provider: string, known: Known, nowMs: number, request: object | undefined): void {
    if (known.breaker.succeeded(nowMs, request)) this.#say(provider, null, "closed", "it can be reached again");
  }

  #alarm(provider: string, model: string, alarm: AlarmKind, failure: Failure, nowMs: number): void {
    const { alarms, breaker } = this.#known(provider);
    const reason = briefly(failure);
    if (!alarms.raise(alarm, model, reason, nowMs)) return;
    this.#changed({
      provider,
      model,
      state: breaker.state(nowMs),
      reason,
      pauseMs: breaker.pauseMs(nowMs),
      alarm,
    });
  }

  /** A later, shorter one does not take back what the first one said. */
  #hold(known: Known, model: string, { retryAfter = 0 }: Failure, nowMs: number): void {
    if (!this.#config.enabled || !(retryAfter > 0 && retryAfter <= ABSURD_HOLD_S)) return;
    const target = this.#target(known, model);
    target.heldUntilMs = Math.max(target.heldUntilMs, nowMs + Math.min(retryAfter, MAX_HOLD_S) * 1000);
  }

  #opened(provider: string, model: string | null, breaker: Breaker, why: string, failure: Failure): string {
    const reason = `${why}, the last: ${briefly(failure)}`;
    this.#say(provider, model, "open", reason, breaker.pauseMs(this.#clock.nowMs()));
    return reason;
  }

  #say(provider: string, model: string | null, state: BreakerState, reason: string, pauseMs = 0): void {
    this.#changed({ provider, model, state, reason, pauseMs, alarm: null });
  }

  #known(provider: string): Known {
    let known = this.#providers.get(provider);
    if (!known) {
      const isNeeded = ({ breaker, heldUntilMs }: Target) => {
        const nowMs = this.#clock.nowMs();
        return !breaker.isForgettable(nowMs) || heldUntilMs > nowMs;
      };
      const targets = new BoundedMap<Target>(MAX_MODELS, isNeeded);
      known = {
        breaker: new Breaker(this.#config),
        reason: "",
        alarms: new Alarms(),
        failures: new LastFailures(),
        targets,
      };
      this.#providers.set(provider, known);
    }
    return known;
  }

  #target(known: Known, model: string): Target {
    let target = known.targets.get(model);
    if (!target) {
      target = { breaker: new Breaker(this.#config), reason: "", heldUntilMs: 0 };
      known.targets.set(model, target);
    }
    return target;
  }
}

function stateOf({ breaker, reason }: Pick<Known, "breaker" | "reason">, nowMs: number) {
  return {
    state: breaker.state(nowMs),
    reason: breaker.isClosed ? null : reason,
    pauseMs: breaker.pauseMs(nowMs),
  };
}

function troubled(known: Known, nowMs: number): ModelHealth[] {
  return [...known.targets.entries()]
    .map(([model, target]) => ({
      model,
      ...stateOf(target, nowMs),
      holdMs: Math.max(0, target.heldUntilMs - nowMs),
    }))
    .filter(({ state, holdMs }) => state !== "closed" || holdMs > 0);
}
