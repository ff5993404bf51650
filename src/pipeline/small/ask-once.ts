import { randomUUID } from "node:crypto";
import type { Conversations } from "../../conversation/conversations.ts";
import type { Clock } from "../../core/clock.ts";
import { type ChatEvent, isContent } from "../../core/event.ts";
import type { Failure } from "../../core/failure.ts";
import type { Loss } from "../../core/loss.ts";
import type { ChatRequest } from "../../core/request.ts";
import { type ChatResponse, ResponseBuilder } from "../../core/response.ts";
import type { Target } from "../../routing/rule.ts";
import type { UpstreamCall } from "../../upstream/transport.ts";
import type { Transports } from "../../upstream/transports.ts";
import { openaiClient } from "../../wire/openai/client.ts";
import { AnswerReader, type AnswerReceiver } from "../answer/answer-reader.ts";
import { type Prepared, prepare } from "../attempts/prepare.ts";
import { Exchange } from "../exchange.ts";
import { Prompt } from "../prompt.ts";

export interface AskOnceParts {
  transports: Transports;
  conversations: Pick<Conversations, "reasoning">;
  clock: Clock;
}

/** What came of one request. */
export interface AskedOnce {
  /** As far as it came. */
  response: ChatResponse;
  /** Absent: the answer is whole. */
  failure?: Failure;
  /** What the provider's API has no place for; with one of the class `reject` nothing was sent. */
  losses: readonly Loss[];
  /** Events with content. */
  pieces: number;
  ms: number;
  /** The answer was let go after its first content, as asked. */
  cancelled: boolean;
}

export interface AskOnceOptions {
  timeoutMs: number;
  signal: AbortSignal;
  /** Lets go of the answer once so many events with content are there. */
  cancelAfter?: number;
}

/**
 * One request in the router's own words to one target: written, sent and read as any client's, but once, and past rules,
 * classifiers and plugins, so that what comes of it says something of the target alone. Rejects only for bugs.
 */
export function askOnce(
  target: Target,
  request: ChatRequest,
  { transports, conversations, clock }: AskOnceParts,
  options: AskOnceOptions,
): Promise<AskedOnce> {
  const exchange = exchangeOf(request, clock);
  const prepared = prepare(exchange, target, { strict: false, reasoning: conversations.reasoning });
  return new Promise((resolve, reject) => {
    const hearing = new Hearing(prepared, clock, options, resolve, reject);
    if (prepared.refused.length > 0) return hearing.over();
    const reader = new AnswerReader(target.provider, prepared, exchange.stream, hearing, clock);
    const call = transports.send(target.provider, prepared.request, reader);
    reader.call = call;
    hearing.began(call);
  });
}

/** Of a client whose own bytes are never passed on. */
function exchangeOf(request: ChatRequest, clock: Clock): Exchange {
  const { model, stream } = request;
  const body = { model, stream, messages: [{ role: "user", content: "" }] };
  const prompt = new Prompt(openaiClient, {}, Buffer.from(JSON.stringify(body)), body);
  const incoming = { id: randomUUID(), client: openaiClient, headers: {}, path: "", query: "", prompt };
  const exchange = new Exchange(incoming, clock, 0, "none");
  exchange.changeRequest(request);
  return exchange;
}

/** Gathers one answer, for so long and no longer. */
class Hearing implements AnswerReceiver {
  readonly live = false;
  readonly #prepared: Prepared;
  readonly #clock: Clock;
  readonly #options: AskOnceOptions;
  readonly #resolve: (asked: AskedOnce) => void;
  readonly #reject: (error: unknown) => void;
  readonly #answer = new ResponseBuilder();
  readonly #startedMs: number;
  readonly #stop: () => void;
  #call: UpstreamCall | undefined;
  #pieces = 0;
  #isOver = false;

  constructor(
    prepared: Prepared,
    clock: Clock,
    options: AskOnceOptions,
    resolve: (asked: AskedOnce) => void,
    reject: (error: unknown) => void,
  ) {
    this.#prepared = prepared;
    this.#clock = clock;
    this.#options = options;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#startedMs = clock.nowMs();
    const { timeoutMs, signal } = options;
    const gone = () => this.over({ kind: "client-gone", message: "it was not waited for any longer" });
    const timer = clock.after(timeoutMs, () => this.#late());
    signal.addEventListener("abort", gone);
    this.#stop = () => {
      timer.cancel();
      signal.removeEventListener("abort", gone);
    };
    if (signal.aborted) queueMicrotask(gone);
  }

  began(call: UpstreamCall): void {
    this.#call = call;
  }

  head(): void {
    // Of no interest: what counts is what the answer says.
  }

  events(events: readonly ChatEvent[]): void {
    for (const event of events) {
      this.#answer.add(event);
      if (isContent(event) && event.type !== "finish" && event.type !== "end") this.#pieces++;
    }
    const { closed, failure } = this.#answer;
    if (closed) return this.over(failure);
    if (this.#pieces >= (this.#options.cancelAfter ?? Number.POSITIVE_INFINITY)) this.over(undefined, true);
  }

  whole(events: readonly ChatEvent[]): void {
    this.events(events);
  }

  failed(failure: Failure): void {
    this.over(failure);
  }

  crashed(error: unknown): void {
    this.#stop();
    this.#reject(error);
  }

  over(failure?: Failure, cancelled = false): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stop();
    if (failure || cancelled) this.#call?.abort();
    this.#resolve({
      response: this.#answer.response(),
      ...(failure && { failure }),
      losses: this.#prepared.losses,
      pieces: this.#pieces,
      ms: this.#clock.nowMs() - this.#startedMs,
      cancelled,
    });
  }

  #late(): void {
    const what = this.#answer.started ? "the answer was not complete" : "no answer";
    this.over({ kind: "timeout", message: `${what} within ${this.#options.timeoutMs / 1000} s` });
  }
}
