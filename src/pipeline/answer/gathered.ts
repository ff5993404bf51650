import type { ClientResponse } from "../../core/client-call.ts";
import type { ChatEvent } from "../../core/event.ts";
import type { Failure } from "../../core/failure.ts";
import { type ChatResponse, eventsOf, ResponseBuilder, reduceEvents } from "../../core/response.ts";
import type { Headers } from "../../wire/format.ts";
import type { Exchange } from "../exchange.ts";
import type { Source } from "../source.ts";
import type { Stages } from "../stages/stages.ts";
import { ExchangeContext } from "./answer-context.ts";
import type { AnswerEnd } from "./answer-end.ts";
import type { AnswerReceiver, RawError } from "./answer-reader.ts";
import type { ClientStream } from "./client-stream.ts";
import { LiveStream } from "./live-stream.ts";
import { closingHeaders, type FlatHeaders, forwardedAnswerHeaders, routerHeaders, sendBody } from "./reply.ts";

export interface GatheredParts {
  res: ClientResponse;
  /** Of a client that asked for a stream. */
  client: ClientStream | undefined;
  stages: Stages | undefined;
}

/**
 * Gathers an answer, lets the plugins' last hooks see it, and sends it: whole, or as a stream to a client that asked for one
 * but has a plugin that needs the whole answer.
 */
export class Gathered implements AnswerReceiver {
  readonly live = false;
  readonly sums = true;
  readonly #exchange: Exchange;
  readonly #source: Source;
  readonly #res: ClientResponse;
  readonly #client: ClientStream | undefined;
  readonly #stages: Stages | undefined;
  readonly #end: AnswerEnd;
  #forwarded: FlatHeaders = [];

  constructor(exchange: Exchange, source: Source, { res, client, stages }: GatheredParts, end: AnswerEnd) {
    this.#exchange = exchange;
    this.#source = source;
    this.#res = res;
    this.#client = client;
    this.#stages = stages;
    this.#end = end;
  }

  head(headers: Headers): void {
    if (this.#source.passthrough) this.#forwarded = forwardedAnswerHeaders(headers);
  }

  events(events: readonly ChatEvent[]): void {
    for (const event of events) this.#source.answer.add(event);
    if (!this.#source.answer.closed) return;
    // It came as a stream, or from a plugin: what the client gets is written anew.
    this.#source.passthrough = false;
    this.#complete(undefined);
  }

  whole(events: readonly ChatEvent[], body: Buffer): void {
    for (const event of events) this.#source.answer.add(event);
    this.#complete(body);
  }

  crashed(error: unknown): void {
    this.#end.crashed(error);
  }

  failed(failure: Failure, raw: RawError | undefined): void {
    this.#end.failed(this.#source, failure, raw);
  }

  #complete(body: Buffer | undefined): void {
    const { failure } = this.#source.answer;
    if (failure) return this.#end.failed(this.#source, failure, undefined);
    this.#end.commits(this.#source);
    this.#exchange.firstTokenMs ??= this.#exchange.elapsedMs();
    const response = this.#source.answer.response();
    if (!this.#stages) return this.#send(response, this.#source.passthrough ? body : undefined);
    this.#stages
      .after(response)
      .then((changed) => this.#sendChanged(changed, response, body))
      .catch((error: unknown) => this.#end.crashed(error));
  }

  #sendChanged(changed: ChatResponse, original: ChatResponse, body: Buffer | undefined): void {
    if (this.#res.destroyed) return;
    const untouched = changed === original && this.#exchange.plugins.length === 0;
    if (!untouched) this.#source.answer = reduceEvents(eventsOf(changed));
    this.#send(changed, untouched && this.#source.passthrough ? body : undefined);
  }

  /** `body`: the provider's own bytes, when they may go on as they are. */
  #send(response: ChatResponse, body: Buffer | undefined): void {
    if (this.#client) return this.#stream(response, this.#client);
    this.#end.settle();
    const { client } = this.#exchange.incoming;
    const usage = this.#exchange.usage;
    const told = usage && !response.usage ? { ...response, usage } : response;
    // Before the headers: writing tells what of the answer is lost.
    const sent = body ?? JSON.stringify(client.writeResponse(told, new ExchangeContext(this.#exchange, this.#source)));
    const headers = [...routerHeaders(this.#exchange), ...closingHeaders(this.#exchange), ...this.#forwarded];
    this.#exchange.status = 200;
    sendBody(this.#res, 200, headers, sent);
    this.#end.delivered(this.#source, undefined);
  }

  #stream(response: ChatResponse, client: ClientStream): void {
    this.#source.passthrough = false;
    this.#source.answer = new ResponseBuilder();
    const stream = new LiveStream(this.#exchange, this.#source, { client, mayGoOn: false }, this.#end);
    stream.whole(eventsOf(response));
  }
}
