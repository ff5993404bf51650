import type { ServerResponse } from "node:http";
import { type ChatEvent, isContent } from "../core/event.ts";
import type { Failure } from "../core/failure.ts";
import type { UpstreamCall } from "../upstream/transport.ts";
import type { AnswerContext, Headers, StreamWriter } from "../wire/format.ts";
import { ExchangeContext } from "./answer-context.ts";
import type { AnswerEnd } from "./answer-end.ts";
import type { AnswerReceiver, RawError } from "./answer-reader.ts";
import type { Exchange } from "./exchange.ts";
import { lossHeader } from "./loss-header.ts";
import {
  closingHeaders,
  type FlatHeaders,
  forwardedAnswerHeaders,
  headerSafe,
  routerHeaders,
  TRAILERS,
} from "./reply.ts";
import type { Source } from "./source.ts";

/** A provider that pings this long before its first content must not let the client time out: the answer is begun. */
const HOLD_MS = 5_000;

/**
 * Streams an answer on as it comes: the provider's own bytes where it speaks the client's dialect, else what the writer makes
 * of the events; one write for each piece that came. Nothing is written before the first content, so that an error at the
 * start of a stream is still an error answer; after it, a failure becomes an error event, never a quiet end.
 */
export class LiveStream implements AnswerReceiver {
  /** Set right after sending; paused while the client does not read. */
  call: UpstreamCall | undefined;
  readonly #exchange: Exchange;
  readonly #res: ServerResponse;
  readonly #source: Source;
  readonly #context: AnswerContext;
  #madeWriter: StreamWriter | undefined;
  readonly #end: AnswerEnd;
  /** Content came: nobody else answers. */
  #begun = false;
  /** The head was sent. */
  #committed = false;
  /** How many losses the headers told. */
  #toldLosses = 0;
  #held: (string | Buffer)[] = [];
  #forwarded: FlatHeaders = [];
  #headMs = 0;
  #waiting = false;

  constructor(exchange: Exchange, source: Source, res: ServerResponse, end: AnswerEnd) {
    this.#exchange = exchange;
    this.#source = source;
    this.#res = res;
    this.#context = new ExchangeContext(exchange, source);
    this.#end = end;
  }

  head(headers: Headers): void {
    this.#headMs = this.#exchange.elapsedMs();
    if (this.#source.passthrough) this.#forwarded = forwardedAnswerHeaders(headers);
  }

  events(events: readonly ChatEvent[], bytes: Buffer | undefined): void {
    let content = this.#committed;
    let over: { failure?: Failure } | undefined;
    for (const event of events) {
      this.#source.answer.add(event);
      if (!content && (isContent(event) || (event.type === "ping" && this.#heldTooLong()))) content = true;
      if (event.type === "end") over = {};
      else if (event.type === "error") over = { failure: event.failure };
    }
    if (!content && over?.failure) return this.#end.failed(this.#source, over.failure, undefined);
    if (content && !this.#begun) this.#begin();
    if (over && !over.failure) this.#end.settle();
    this.#write(this.#output(events, bytes), content);
    if (over) this.#close(over.failure);
  }

  /** The provider answered whole though a stream was asked: it is streamed from here. */
  whole(events: readonly ChatEvent[]): void {
    this.#source.passthrough = false;
    this.events(events, undefined);
  }

  /** The router ends a stream that was begun. */
  interrupt(failure: Failure): void {
    this.events([{ type: "error", failure }], undefined);
  }

  crashed(error: unknown): void {
    this.#end.crashed(error);
  }

  failed(failure: Failure, raw: RawError | undefined): void {
    this.#end.failed(this.#source, failure, raw);
  }

  #begin(): void {
    this.#begun = true;
    this.#end.commits(this.#source);
    this.#exchange.firstTokenMs ??= this.#exchange.elapsedMs();
  }

  /** Made when first needed: a stream passed through needs one only to tell an error. */
  get #writer(): StreamWriter {
    this.#madeWriter ??= this.#exchange.incoming.client.writeStream(this.#context);
    return this.#madeWriter;
  }

  #output(events: readonly ChatEvent[], bytes: Buffer | undefined): string | Buffer {
    if (this.#source.passthrough && bytes) return bytes;
    let text = "";
    for (const event of events) {
      if (this.#source.passthrough) {
        // Behind whatever half an event the provider left: its own end does not need words, an error does.
        if (event.type === "error") text += `${this.#separator()}${this.#errorBehind(event)}`;
        continue;
      }
      if (event.type === "end") text += this.#missingAtEnd(events);
      text += this.#writer.write(event);
    }
    return text;
  }

  /** Usage the provider never told, estimated: clients meter their context by it. */
  #missingAtEnd(events: readonly ChatEvent[]): string {
    const { usage } = this.#exchange;
    if (!usage || usage.reported || events.some((event) => event.type === "usage")) return "";
    return this.#writer.write({ type: "usage", usage });
  }

  #errorBehind(event: Extract<ChatEvent, { type: "error" }>): string {
    return this.#writer.errorBehind?.(event.failure) ?? this.#writer.write(event);
  }

  #separator(): string {
    return this.#exchange.incoming.client.streamType === "application/x-ndjson" ? "\n" : "\n\n";
  }

  #heldTooLong(): boolean {
    return this.#exchange.elapsedMs() - this.#headMs > HOLD_MS;
  }

  #write(output: string | Buffer, content: boolean): void {
    if (!content) {
      if (output.length > 0) this.#held.push(output);
      return;
    }
    if (!this.#committed) this.#commit();
    if (output.length > 0 && !this.#res.write(output)) this.#awaitDrain();
  }

  #commit(): void {
    this.#committed = true;
    const { client } = this.#exchange.incoming;
    const headers: FlatHeaders = [
      "content-type",
      client.streamType,
      "cache-control",
      "no-cache",
      "x-accel-buffering",
      "no",
    ];
    if (this.#res.req.httpVersionMinor > 0) headers.push("trailer", TRAILERS);
    this.#exchange.status = 200;
    this.#toldLosses = this.#source.losses.length;
    this.#res.writeHead(200, [...headers, ...routerHeaders(this.#exchange), ...this.#forwarded]);
    for (const piece of this.#held) this.#res.write(piece);
    this.#held = [];
  }

  #awaitDrain(): void {
    if (this.#waiting || !this.call) return;
    this.#waiting = true;
    this.call.pause();
    this.#res.once("drain", () => {
      this.#waiting = false;
      this.call?.resume();
    });
  }

  #close(failure: Failure | undefined): void {
    if (failure) this.#end.settle();
    if (!this.#committed) this.#commit();
    if (this.#res.req.httpVersionMinor > 0) this.#res.addTrailers(pairs(this.#trailers()));
    this.#res.end();
    this.#end.delivered(this.#source, failure);
  }

  /** With `X-Router-Losses` again when the answer itself lost something: the headers could not know. */
  #trailers(): FlatHeaders {
    const trailers = closingHeaders(this.#exchange);
    const { losses } = this.#exchange;
    const told = losses.length > this.#toldLosses ? lossHeader(losses) : undefined;
    if (told !== undefined) trailers.push("X-Router-Losses", headerSafe(told));
    return trailers;
  }
}

function pairs(flat: FlatHeaders): [string, string][] {
  const list: [string, string][] = [];
  for (let at = 0; at + 1 < flat.length; at += 2) list.push([flat[at] ?? "", flat[at + 1] ?? ""]);
  return list;
}
