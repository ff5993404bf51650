import type { Continuation } from "../../core/continuation.ts";
import type { Failure } from "../../core/failure.ts";
import { Joiner } from "../../core/joiner.ts";
import type { Loss } from "../../core/loss.ts";
import { ResponseBuilder } from "../../core/response.ts";
import type { Usage } from "../../core/usage.ts";
import { type AttemptRecord, loggedUsage } from "../../record/events.ts";
import type { Slot } from "../../resilience/limiter.ts";
import type { Target } from "../../routing/rule.ts";
import type { UpstreamCall } from "../../upstream/transport.ts";
import type { AnswerReceiver } from "../answer/answer-reader.ts";
import type { Source } from "../source.ts";
import type { Choice } from "./choose.ts";

/** What is still to be said of an answer that broke off. */
export interface Rest {
  continuation: Continuation;
  from: Attempt;
  /** Why that broke off. */
  failure: Failure;
}

/** One attempt to have a request answered by a target. */
export class Attempt implements Source {
  readonly choice: Choice;
  passthrough: boolean;
  losses: Loss[];
  answer = new ResponseBuilder();
  joiner: Joiner | undefined;
  /** What it goes on with, and where that began. */
  readonly rest: Rest | undefined;
  /** What the log will say of it; written to until the attempt is over. */
  readonly record: AttemptRecord;
  /** Monotonic ms. */
  readonly startedMs: number;
  sentMs: number | undefined;
  /** Where it is not the exchange's: of the slower one of two, and of each that made one answer with others. */
  spent: Usage | undefined;
  /** Of the rounds that are over, where the router runs tools: they are paid for, whatever becomes of the next. */
  ofRounds: Usage | undefined;
  /** It has less time than its provider grants: what those before it left. */
  isShort = false;
  /** Its turn at a provider with limits. */
  slot: Slot | undefined;
  /** Its place in the queue for one. */
  ticket: { cancel(): void } | undefined;
  call: UpstreamCall | undefined;
  receiver: AnswerReceiver | undefined;

  constructor(
    choice: Choice,
    nowMs: number,
    { atMs, hedge = false, rest }: { atMs: number; hedge?: boolean; rest?: Rest | undefined },
  ) {
    const { target, prepared } = choice;
    this.choice = choice;
    this.passthrough = prepared.passthrough;
    this.losses = [...prepared.losses];
    this.startedMs = nowMs;
    this.record = {
      provider: target.provider.name,
      model: prepared.sentModel,
      place: target.provider.place,
      outcome: "cancelled",
      at_ms: Math.round(atMs),
      ms: 0,
    };
    if (hedge) this.record.hedge = true;
    this.rest = rest;
    if (!rest) return;
    this.joiner = new Joiner(rest.continuation);
    this.answer = rest.from.answer;
    this.losses = rest.from.losses;
  }

  get target(): Target {
    return this.choice.target;
  }

  get sentModel(): string {
    return this.choice.prepared.sentModel;
  }

  get isBilled(): boolean {
    return this.spent !== undefined;
  }

  /** It used so much on its own account. */
  spends(usage: Usage): void {
    this.spent = usage;
    this.record.usage = loggedUsage(usage);
  }

  /** Lets go of the provider, whatever state it is in. */
  stop(): void {
    this.ticket?.cancel();
    this.call?.abort();
    this.slot?.release();
  }

  /** Its first text is about to go to the client, behind another's. */
  joins({ continuation, from }: Rest): void {
    const { provider, model } = this.record;
    const offset = continuation.text.length + continuation.trimmed.length;
    this.record.continued = {
      from: { provider: from.record.provider, model: from.record.model },
      to: { provider, model },
      offset,
    };
    this.losses.push(...this.choice.prepared.losses);
  }

  /** Writes down how it went. */
  close(outcome: AttemptRecord["outcome"], failure: Failure | undefined, nowMs: number): void {
    const { record, sentMs, startedMs } = this;
    record.outcome = outcome;
    record.ms = Math.round(nowMs - startedMs);
    const queuedMs = Math.round((sentMs ?? nowMs) - startedMs);
    if (this.ticket && queuedMs > 0) record.queued_ms = queuedMs;
    const { connectMs, headMs } = this.call?.timing ?? {};
    if (connectMs !== undefined) record.connect_ms = Math.round(connectMs);
    if (headMs !== undefined) record.headers_ms = Math.round(headMs);
    if (failure?.upstreamStatus !== undefined) record.status = failure.upstreamStatus;
    if (failure) record.error = failure.message;
    if (record.continued && this.joiner) this.spends(this.joiner.own);
  }
}
