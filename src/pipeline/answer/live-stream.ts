import { type ChatEvent, isContent } from "../../core/event.ts";
import type { Failure } from "../../core/failure.ts";
import { eventsSoFar } from "../../core/response.ts";
import type { UpstreamCall } from "../../upstream/transport.ts";
import type { AnswerContext, Headers, StreamWriter } from "../../wire/format.ts";
import type { Exchange } from "../exchange.ts";
import type { Source } from "../source.ts";
import type { AnswerTransforms } from "../stages/answer-transforms.ts";
import { ExchangeContext } from "./answer-context.ts";
import type { AnswerEnd } from "./answer-end.ts";
import type { AnswerReceiver, RawError } from "./answer-reader.ts";
import type { ClientStream } from "./client-stream.ts";
import { PassedStream } from "./passed-stream.ts";
import { type FlatHeaders, forwardedAnswerHeaders } from "./reply.ts";

const MAX_PADDING_BYTES = 8 * 1024 * 1024;
const LF = 0x0a;

/** The writer of the rest of an answer that broke off. */
type Resumed = () => StreamWriter;

/**
 * Streams an answer on as it comes: the provider's own bytes where it speaks the client's dialect, else what the writer makes
 * of the events; one write for each piece that came. Nothing of it is written before the first content, so that an error at the
 * start of a stream can still be answered by another target; after it, a failure becomes an error event, never a quiet end.
 */
export class LiveStream implements AnswerReceiver {
  /** Set right after sending; paused while the client does not read. */
  call: UpstreamCall | undefined;
  readonly #exchange: Exchange;
  readonly #client: ClientStream;
  readonly #source: Source;
  readonly #context: AnswerContext;
  #madeWriter: StreamWriter | undefined;
  readonly #end: AnswerEnd;
  readonly #mayGoOn: boolean;
  /** Of plugins. */
  readonly #transforms: AnswerTransforms | undefined;
  readonly #passed: PassedStream | undefined;
  /** Content came: nobody else answers. */
  #begun = false;
  #over = false;
  /** Of what goes on with an answer: not told to the one writer before it is sure to be sent. */
  #pending: ChatEvent[] = [];
  #held: (string | Buffer)[] = [];
  /** Bytes of whole lines before the first content, and behind them. */
  #padding = 0;
  #unended = 0;
  #forwarded: FlatHeaders = [];
  #waiting = false;

  /** `mayGoOn`: another target may be asked for the rest when this one breaks off; never with `transforms`. */
  constructor(
    exchange: Exchange,
    source: Source,
    {
      client,
      mayGoOn,
      transforms,
    }: { client: ClientStream; mayGoOn: boolean; transforms?: AnswerTransforms | undefined },
    end: AnswerEnd,
  ) {
    this.#exchange = exchange;
    this.#source = source;
    this.#client = client;
    this.#context = new ExchangeContext(exchange, source);
    this.#end = end;
    this.#mayGoOn = mayGoOn;
    this.#transforms = transforms;
    if (mayGoOn && source.passthrough) this.#passed = new PassedStream(exchange.incoming.client);
    if (source.joiner) this.#madeWriter = client.writer;
  }

  /** It is this one's turn to say something, an error too. */
  get writing(): boolean {
    return this.#begun && !this.#over;
  }

  /** A stream of Responses ends with the whole answer again: until then it is held, and may be no longer than a whole one. */
  get live(): boolean {
    return this.#source.passthrough || this.#exchange.incoming.client.dialect !== "openai-responses";
  }

  /** Where the bytes go on as they are. */
  get sums(): boolean {
    return this.#source.passthrough;
  }

  head(headers: Headers): void {
    if (this.#source.passthrough) this.#forwarded = forwardedAnswerHeaders(headers);
  }

  events(told: readonly ChatEvent[], bytes: Buffer | undefined): void {
    if (this.#over) return;
    const joined = this.#joined(told);
    const events = this.#transforms ? this.#transforms.apply(joined) : joined;
    const last = events.at(-1);
    const failure = last?.type === "error" ? last.failure : undefined;
    if (!this.#begun) {
      if (!events.some(isContent)) return this.#wait(...this.#unpadded(events, bytes, failure));
      this.#begin();
    }
    this.#tell(events, bytes, last?.type === "end" || failure !== undefined, failure);
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

  /** As the rest of the answer, where it is one. */
  #joined(told: readonly ChatEvent[]): readonly ChatEvent[] {
    const { joiner } = this.#source;
    if (!joiner) return told;
    const events = [...this.#pending, ...joiner.join(told)];
    this.#pending = [];
    return events;
  }

  /** Comments and pings come slowly, if at all: without end they would fill the memory. A large first event may be in the making. */
  #unpadded(
    events: readonly ChatEvent[],
    bytes: Buffer | undefined,
    failure: Failure | undefined,
  ): [events: readonly ChatEvent[], bytes: Buffer | undefined, failure: Failure | undefined] {
    const whole = bytes === undefined ? 0 : bytes.lastIndexOf(LF) + 1;
    if (whole > 0) {
      this.#padding += this.#unended + whole;
      this.#unended = 0;
    }
    this.#unended += (bytes?.length ?? 0) - whole;
    if (failure || this.#padding <= MAX_PADDING_BYTES) return [events, bytes, failure];
    const message = `nothing but padding before its content: more than ${MAX_PADDING_BYTES} bytes`;
    const endless: Failure = { kind: "malformed", message };
    return [[...events, { type: "error", failure: endless }], bytes, endless];
  }

  /** No content yet. */
  #wait(events: readonly ChatEvent[], bytes: Buffer | undefined, failure: Failure | undefined): void {
    const { joiner, answer } = this.#source;
    if (joiner) this.#pending = events.filter(({ type }) => type !== "ping");
    else for (const event of events) answer.add(event);
    if (failure) {
      this.#over = true;
      // The provider itself may see nothing wrong with it.
      if (joiner) this.call?.abort();
      return this.#end.failed(this.#source, failure, undefined);
    }
    if (joiner) return;
    const output = this.#output(events, bytes);
    if (output.length > 0) this.#held.push(output);
  }

  #begin(): void {
    this.#begun = true;
    this.#end.commits(this.#source);
    this.#exchange.firstTokenMs ??= this.#exchange.elapsedMs();
    this.#client.begin(this.#forwarded);
    for (const piece of this.#held) this.#client.write(piece);
    this.#held = [];
  }

  #tell(events: readonly ChatEvent[], bytes: Buffer | undefined, ends: boolean, failure: Failure | undefined): void {
    const { answer } = this.#source;
    const resumed = failure && this.#resumed();
    for (const event of events) if (event.type !== "error") answer.add(event);
    if (failure) {
      const goOn = resumed && this.#end.goesOn(this.#source, failure);
      if (goOn) return this.#handOver(resumed(), events.slice(0, -1), goOn);
      answer.add({ type: "error", failure });
    }
    if (ends) this.#end.settle();
    if (ends && !bytes) this.#writeRest();
    this.#write(this.#output(events, bytes));
    if (ends && bytes) this.#writeRest();
    if (ends) this.#close(failure);
  }

  #writeRest(): void {
    if (this.#passed) this.#write(this.#passed.rest());
  }

  /** What would write the rest of the answer behind a failure, knowing what the client got as bytes, and no more. */
  #resumed(): Resumed | undefined {
    const { answer, passthrough } = this.#source;
    if (!this.#mayGoOn) return undefined;
    if (!passthrough) return () => this.#writer;
    const resumed = this.#passed?.resume(this.#context, answer.place());
    if (!resumed) return undefined;
    const soFar = eventsSoFar(answer);
    return () => resumed(soFar);
  }

  /** The client gets what there was, in whole events; from then on there is one writer, whoever goes on. */
  #handOver(writer: StreamWriter, events: readonly ChatEvent[], goOn: () => void): void {
    let text = "";
    for (const event of events) text += writer.write(event);
    this.#source.passthrough = false;
    this.#client.writer = writer;
    this.#over = true;
    this.#write(text);
    goOn();
  }

  /** Made when first needed: a stream passed through needs one only to tell an error. */
  get #writer(): StreamWriter {
    this.#madeWriter ??= this.#exchange.incoming.client.writeStream(this.#context);
    return this.#madeWriter;
  }

  #output(events: readonly ChatEvent[], bytes: Buffer | undefined): string | Buffer {
    if (this.#source.passthrough && bytes) return this.#passed?.push(bytes, this.#begun) ?? bytes;
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

  #write(output: string | Buffer): void {
    if (output.length > 0 && !this.#client.write(output)) this.#awaitDrain();
  }

  #awaitDrain(): void {
    if (this.#waiting || !this.call) return;
    this.#waiting = true;
    this.call.pause();
    this.#client.drained(() => {
      this.#waiting = false;
      this.call?.resume();
    });
  }

  #close(failure: Failure | undefined): void {
    this.#client.end();
    this.#end.delivered(this.#source, failure);
  }
}
