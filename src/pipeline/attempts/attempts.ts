import type { FailoverConfig } from "../../config/config.ts";
import type { Clock, Random, Timer } from "../../core/clock.ts";
import { continuationOf } from "../../core/continuation.ts";
import { FAILURES, type Failure } from "../../core/failure.ts";
import { newSpanId } from "../../core/trace-context.ts";
import type { AttemptRecord } from "../../record/events.ts";
import { fullJitterMs } from "../../resilience/backoff.ts";
import type { Resilience } from "../../resilience/resilience.ts";
import type { UpstreamRequest } from "../../upstream/transport.ts";
import type { Transports } from "../../upstream/transports.ts";
import type { AnswerEnd } from "../answer/answer-end.ts";
import type { AnswerReceiver, RawError } from "../answer/answer-reader.ts";
import { estimateUsage } from "../estimate-usage.ts";
import type { Exchange } from "../exchange.ts";
import type { Milestones } from "../milestones.ts";
import type { Source } from "../source.ts";
import { Attempt, type Rest } from "./attempt.ts";
import type { Choice } from "./choose.ts";
import { measureEnd, measureFirstToken } from "./measure.ts";
import type { PrepareOptions } from "./prepare.ts";
import { send } from "./send.ts";
import { stripped, stripWarning } from "./strip.ts";
import type { Targets } from "./targets.ts";

/** Nobody answers in so little time; and timers may fire some milliseconds early, which must not make the last one an attempt. */
const MIN_LEFT_MS = 20;

export interface AttemptParts {
  transports: Transports;
  resilience: Resilience;
  failover: FailoverConfig;
  clock: Clock;
  random: Random;
}

/** Whose attempts they are. */
export interface AttemptsOwner {
  readonly milestones: Milestones;
  receiver(attempt: Attempt, end: AnswerEnd): AnswerReceiver;
  /** Told before anything is sent there, or of a second target when it won. */
  sends(choice: Choice): void;
  /** Its first content is there. */
  answers(choice: Choice): void;
  /** No further attempt will be made. `mayRetry`: the client may do so with profit, after `failure.retryAfter`. */
  gaveUp(failure: Failure, raw: RawError | undefined, mayRetry: boolean): void;
  delivered(failure: Failure | undefined): void;
  crashed(error: unknown): void;
  settle(): void;
}

/** What follows a failed attempt: another one, at once or later; or nothing, and whether the client is to try. */
type Next = { choice: Choice; waitMs: number } | { choice?: undefined; mayRetry: boolean };

/**
 * The attempts of one exchange: one after the other until one answers, and when the first is slow perhaps two side by side.
 * What follows from a failure is in `FAILURES`; how often, how long and where to is in `[failover]`. After the first content
 * went to the client there are no further attempts.
 */
export class Attempts implements AnswerEnd {
  readonly #exchange: Exchange;
  readonly #parts: AttemptParts;
  readonly #owner: AttemptsOwner;
  readonly #targets: Targets;
  readonly #options: PrepareOptions;
  /** One, or two while a slow one has company. */
  readonly #running: Attempt[] = [];
  /** What is asked for since an answer broke off: the rest of it. */
  #rest: Rest | undefined;
  #sent = 0;
  #waitedMs = 0;
  /** Monotonic; all attempts share it. */
  #deadlineMs = Number.POSITIVE_INFINITY;
  #pause: Timer | undefined;
  #hedge: Timer | undefined;
  #over = false;

  constructor(
    exchange: Exchange,
    targets: Targets,
    options: PrepareOptions,
    parts: AttemptParts,
    owner: AttemptsOwner,
  ) {
    this.#exchange = exchange;
    this.#targets = targets;
    this.#options = options;
    this.#parts = parts;
    this.#owner = owner;
  }

  /** Throws `RouterError` when no target can take the request. */
  start(): void {
    const { clock, resilience } = this.#parts;
    const choice = this.#targets.first();
    const total = choice.target.provider.timeout.total_ms;
    if (total > 0) this.#deadlineMs = clock.nowMs() + total;
    resilience.budget.requested();
    resilience.hedges.requested();
    const heldMs = this.#heldMs(choice);
    if (heldMs === 0) return this.#launch(choice);
    // Nobody else is left to ask, and this one said when it may be asked again.
    if (heldMs <= this.#leftMs()) return this.#launchIn(heldMs, choice);
    const message = "it asked to be left alone for a while, and there is no other to ask";
    this.#finish();
    this.#owner.gaveUp({ kind: "rate-limit", message, retryAfter: heldMs / 1000 }, undefined, true);
  }

  /** Ends whatever is under way; the owner hears nothing more. */
  stop(): void {
    if (this.#over) return;
    this.#over = true;
    this.#pause?.cancel();
    this.#hedge?.cancel();
    // What the one that would answer had done is billed as the exchange's own.
    for (const attempt of [...this.#running]) {
      if (attempt === this.#exchange.source) this.#drop(this.#remove(attempt));
      else this.#lose(attempt);
    }
  }

  commits(source: Source): void {
    this.#hedge?.cancel();
    if (source instanceof Attempt && source.rest) source.joins(source.rest);
    this.#exchange.source = source;
    if (source instanceof Attempt && source.record.hedge) this.#owner.sends(source.choice);
    if (source instanceof Attempt && !source.rest) this.#owner.answers(source.choice);
    for (const attempt of [...this.#running]) {
      if (attempt !== source) this.#lose(attempt);
      else this.#answers(attempt);
    }
  }

  goesOn(source: Source, failure: Failure): (() => void) | undefined {
    const attempt = this.#attemptOf(source);
    if (!attempt || !this.#parts.failover.continue_stream) return undefined;
    const { dialect } = attempt.target.provider.half;
    const earlier = attempt.joiner && { earlier: attempt.joiner.spent };
    const continuation = continuationOf(this.#exchange.request, attempt.answer, { ...earlier, dialect });
    if (!continuation) return undefined;
    const before = this.#rest;
    this.#rest = { continuation, from: attempt, failure };
    const next = this.#next(attempt, failure);
    if (!next.choice) {
      this.#rest = before;
      return undefined;
    }
    if (!attempt.joiner) attempt.spends(continuation.spent);
    this.#end(attempt, failure);
    return () => this.#guarded(() => this.#follow(attempt, next, failure, undefined));
  }

  failed(source: Source, failure: Failure, raw: RawError | undefined): void {
    const attempt = this.#attemptOf(source);
    if (!attempt) return;
    if (attempt.ofRounds) attempt.spends(attempt.ofRounds);
    this.#end(attempt, failure);
    const again = attempt.rest ? undefined : this.#stripped(attempt, failure);
    if (again) return this.#follow(attempt, { choice: again, waitMs: 0 }, failure, raw);
    const [other] = this.#running;
    if (other) {
      this.#exchange.source = other;
      this.#owner.milestones.attempted(this.#exchange, attempt.record, other.record);
      return;
    }
    this.#hedge?.cancel();
    this.#follow(attempt, this.#next(attempt, failure), failure, raw);
  }

  delivered(source: Source, failure: Failure | undefined): void {
    const attempt = this.#attemptOf(source);
    if (attempt) {
      this.#end(attempt, failure);
      this.#owner.milestones.attempted(this.#exchange, attempt.record, undefined);
    }
    this.#finish();
    this.#owner.delivered(failure);
  }

  crashed(error: unknown): void {
    this.#owner.crashed(error);
  }

  settle(): void {
    this.#owner.settle();
  }

  #launch(choice: Choice, hedge = false): void {
    const { resilience, clock } = this.#parts;
    const rest = this.#rest;
    const attempt = new Attempt(choice, clock.nowMs(), { atMs: this.#exchange.elapsedMs(), hedge, rest });
    const { provider } = attempt.target;
    if (this.#exchange.trace) attempt.record.span_id = newSpanId();
    this.#exchange.attempts.push(attempt.record);
    this.#running.push(attempt);
    if (!hedge) {
      this.#exchange.source = attempt;
      if (!rest) this.#owner.sends(choice);
    }
    const { limiter } = resilience;
    if (!limiter.limits(provider)) return this.#send(attempt);
    attempt.ticket = limiter.ask(provider, attempt.sentModel, {
      granted: (slot) => {
        attempt.slot = slot;
        this.#guarded(() => this.#send(attempt));
      },
      refused: (failure) => this.#guarded(() => this.failed(attempt, failure, undefined)),
    });
  }

  #send(attempt: Attempt): void {
    const { resilience, clock } = this.#parts;
    const { target } = attempt;
    attempt.sentMs = clock.nowMs();
    this.#sent++;
    this.#exchange.wasSent = true;
    resilience.health.sent(target.provider.name, attempt.sentModel, attempt);
    const receiver = this.#owner.receiver(attempt, this);
    attempt.receiver = receiver;
    send(attempt, receiver, this.#inTime(attempt), {
      exchange: this.#exchange,
      options: this.#options,
      transports: this.#parts.transports,
      clock,
      deadlineMs: this.#deadlineMs,
      guarded: (step) => this.#guarded(step),
    });
    if (!attempt.record.hedge && !attempt.rest) this.#armHedge(attempt);
  }

  /** Later attempts have only what the first left of the exchange's time. */
  #inTime(attempt: Attempt): UpstreamRequest {
    const { request } = attempt.choice.prepared;
    if (this.#sent < 2 || this.#deadlineMs === Number.POSITIVE_INFINITY) return request;
    const totalMs = Math.max(1, this.#deadlineMs - this.#parts.clock.nowMs());
    const { total_ms } = attempt.target.provider.timeout;
    attempt.isShort = total_ms === 0 || totalMs < total_ms;
    return { ...request, totalMs };
  }

  #next(attempt: Attempt, failure: Failure): Next {
    const { failover, resilience, clock, random } = this.#parts;
    const { retryHere, nextTarget } = FAILURES[failure.kind];
    const spent: Next = { mayRetry: false };
    if (!retryHere && !nextTarget) return { mayRetry: true };
    if (this.#sent >= failover.max_attempts || clock.nowMs() >= this.#deadlineMs - MIN_LEFT_MS) return spent;
    const drawn = nextTarget ? this.#targets.next(this.#rest?.continuation.request) : undefined;
    const sameAgain = retryHere && attempt.rest === this.#rest;
    // One that asked for a longer pause than there is time for is no better than the one that failed.
    const isLater = drawn !== undefined && sameAgain && this.#heldMs(drawn) > this.#leftMs();
    if (isLater) this.#targets.putBack(drawn);
    const next = isLater ? undefined : drawn;
    const choice = next ?? (sameAgain ? attempt.choice : undefined);
    if (!choice) return failure.retryAfter === undefined ? spent : { mayRetry: true };
    const toldMs = Math.max(this.#heldMs(choice), next ? 0 : (failure.retryAfter ?? 0) * 1000);
    const waitMs = next ? toldMs : Math.max(fullJitterMs(this.#sent, random), toldMs);
    if (waitMs > this.#leftMs()) return { mayRetry: failure.retryAfter !== undefined };
    // Where nothing was sent nobody is loaded by it.
    if (failure.kind !== "busy" && !resilience.budget.tryTake()) return spent;
    return { choice, waitMs };
  }

  /** For pauses between attempts. */
  #leftMs(): number {
    const { failover, clock } = this.#parts;
    return Math.min(failover.max_wait_ms - this.#waitedMs, this.#deadlineMs - clock.nowMs());
  }

  /** What the target itself asked to wait. */
  #heldMs({ target, prepared }: Choice): number {
    return this.#parts.resilience.health.holdMs(target.provider.name, prepared.sentModel);
  }

  #follow(attempt: Attempt, next: Next, failure: Failure, raw: RawError | undefined): void {
    const { choice } = next;
    const to = choice && { provider: choice.target.provider.name, model: choice.prepared.sentModel };
    this.#owner.milestones.attempted(this.#exchange, attempt.record, to);
    if (!choice) {
      this.#finish();
      if (attempt.rest) this.#leaveCut(attempt.rest);
      else this.#owner.gaveUp(failure, raw, next.mayRetry);
    } else if (next.waitMs === 0) this.#launch(choice);
    else this.#launchIn(next.waitMs, choice);
  }

  /** Nobody goes on: what the client has, and is told, is how the answer broke off. */
  #leaveCut({ from, continuation, failure }: Rest): void {
    this.#exchange.source = from;
    from.answer.usage = continuation.spent;
    this.#owner.gaveUp(failure, undefined, false);
  }

  #launchIn(ms: number, choice: Choice): void {
    this.#waitedMs += ms;
    this.#pause = this.#parts.clock.after(ms, () => this.#guarded(() => this.#launch(choice)));
  }

  /** The provider refuses reasoning state: the same once more, without. */
  #stripped(attempt: Attempt, failure: Failure): Choice | undefined {
    const again = stripped(this.#exchange, attempt.choice, failure, this.#options);
    if (again) this.#owner.milestones.warned(this.#exchange, stripWarning(again, failure));
    return again;
  }

  /** Slower than nineteen of twenty: a second target is asked, if there is one. Only streams tell how soon they begin. */
  #armHedge(attempt: Attempt): void {
    const { failover, resilience, clock } = this.#parts;
    if (!failover.hedge || !this.#exchange.stream || this.#hedge) return;
    const slowMs = resilience.latencies.p95(attempt.record.provider, attempt.record.model);
    if (slowMs === undefined) return;
    this.#hedge = clock.after(slowMs, () => this.#guarded(() => this.#launchHedge()));
  }

  #launchHedge(): void {
    const { failover, resilience } = this.#parts;
    if (this.#over || this.#running.length !== 1 || this.#sent >= failover.max_attempts) return;
    const choice = this.#targets.next();
    if (!choice) return;
    if (this.#heldMs(choice) === 0 && resilience.hedges.tryTake()) this.#launch(choice, true);
    else this.#targets.putBack(choice);
  }

  #answers(attempt: Attempt): void {
    attempt.slot?.answered();
    measureFirstToken(this.#exchange, attempt, this.#parts);
  }

  /** It is over by itself. */
  #end(attempt: Attempt, failure: Failure | undefined): void {
    const { resilience, clock } = this.#parts;
    const { provider, model } = attempt.record;
    this.#remove(attempt);
    // An error in the stream leaves the connection open.
    if (failure) attempt.call?.abort();
    attempt.slot?.release();
    this.#close(attempt, failure?.kind ?? "ok", failure);
    if (attempt.sentMs === undefined) return;
    // What those before it left was too little: no fault of its own.
    const isLate = attempt.isShort && failure?.kind === "timeout" && clock.nowMs() >= this.#deadlineMs - MIN_LEFT_MS;
    if (isLate) resilience.health.cancelled(provider, model, attempt);
    else if (failure) resilience.health.failed(provider, model, failure, attempt);
    else resilience.health.succeeded(provider, model, attempt);
    if (!isLate) measureEnd(this.#exchange, attempt, this.#parts);
  }

  /** It is given up: another was faster, or the client is gone. */
  #drop(attempt: Attempt): void {
    const { resilience } = this.#parts;
    attempt.stop();
    this.#close(attempt, "cancelled", undefined);
    const { provider, model } = attempt.record;
    if (attempt.sentMs !== undefined) resilience.health.cancelled(provider, model, attempt);
    this.#owner.milestones.attempted(this.#exchange, attempt.record, undefined);
  }

  /** Another was faster, or the client left. What this one had done may be billed all the same. */
  #lose(attempt: Attempt): void {
    const { half } = attempt.target.provider;
    const answer = attempt.answer.response();
    if (attempt.sentMs !== undefined)
      attempt.spends(answer.usage ?? estimateUsage(this.#exchange.request, answer, half.dialect));
    this.#drop(this.#remove(attempt));
  }

  #close(attempt: Attempt, outcome: AttemptRecord["outcome"], failure: Failure | undefined): void {
    attempt.close(outcome, failure, this.#parts.clock.nowMs());
    const { spent: usage, sentModel: model, target } = attempt;
    if (usage) this.#exchange.billed.push({ provider: target.provider, model, usage });
  }

  #remove(attempt: Attempt): Attempt {
    this.#running.splice(this.#running.indexOf(attempt), 1);
    return attempt;
  }

  #attemptOf(source: Source): Attempt | undefined {
    return this.#running.find((attempt) => attempt === source);
  }

  #finish(): void {
    this.#over = true;
    this.#hedge?.cancel();
  }

  /** What comes out of a timer or a queue has nobody to throw to. */
  #guarded(step: () => void): void {
    if (this.#over) return;
    try {
      step();
    } catch (error) {
      this.#owner.crashed(error);
    }
  }
}
