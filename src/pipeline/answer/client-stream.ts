import type { Socket } from "node:net";
import { answerHeaders } from "../../core/answer-headers.ts";
import type { ClientResponse } from "../../core/client-call.ts";
import type { Clock, Timer } from "../../core/clock.ts";
import type { Failure } from "../../core/failure.ts";
import { Boundary } from "../../wire/bytes/boundary.ts";
import type { StreamWriter } from "../../wire/format.ts";
import type { Exchange } from "../exchange.ts";
import { ExchangeContext } from "./answer-context.ts";
import { closingHeaders, type FlatHeaders, knownHeaders, routerHeaders, TRAILERS } from "./reply.ts";

/** Less is put together with what else is written before this turn is over. */
const SMALL_CHARS = 16 * 1024;

/**
 * The stream a client gets, whoever writes it. Opened by the first content, or by the first sign of life: when the client has
 * heard nothing for `keepAliveMs`, whatever the request waits for. A stream that was only opened is nobody's yet: the request
 * may still go to another target, but an error can only be told inside it.
 */
export class ClientStream {
  /** Of what the client has, once its answer is put together from parts: only whole events of it were sent. */
  writer: StreamWriter | undefined;
  readonly #exchange: Exchange;
  readonly #res: ClientResponse;
  readonly #clock: Clock;
  readonly #keepAliveMs: number;
  #timer: Timer | undefined;
  /** Monotonic ms; when the client last heard something. */
  #heardMs: number;
  /** Of bytes that are passed through: they may stop inside an event. */
  #boundary: Boundary | undefined;
  /** The router headers the client has. */
  #told: FlatHeaders = [];
  #opened = false;
  #begun = false;
  /** Written before this turn is over; bytes as Latin-1. */
  #pending = "";
  #areBytes = false;
  #isHeld = false;

  /** `keepAliveMs` 0: no signs of life. */
  constructor(exchange: Exchange, res: ClientResponse, clock: Clock, keepAliveMs: number) {
    this.#exchange = exchange;
    this.#res = res;
    this.#clock = clock;
    this.#keepAliveMs = exchange.incoming.client.keepAlive ? keepAliveMs : 0;
    this.#heardMs = clock.nowMs();
    if (this.#keepAliveMs > 0) this.#wait(this.#keepAliveMs);
  }

  /** The head was sent: the client has its status. */
  get opened(): boolean {
    return this.#opened;
  }

  /** Content was sent. */
  get begun(): boolean {
    return this.#begun;
  }

  /** Content follows. `forwarded`: the provider's headers, which an open stream has no place for any more. */
  begin(forwarded: FlatHeaders): void {
    this.#begun = true;
    if (!this.#opened) this.#open(routerHeaders(this.#exchange), forwarded);
  }

  /** Text is whole events, bytes may stop anywhere. False: the client reads too slowly, wait for `drained`. */
  write(output: string | Buffer): boolean {
    this.#heardMs = this.#clock.nowMs();
    const areBytes = typeof output !== "string";
    if (areBytes) {
      this.#boundary ??= new Boundary(this.#exchange.incoming.client.streamType);
      this.#boundary.wrote(output);
    } else this.#boundary = undefined;
    this.#hold();
    if (areBytes !== this.#areBytes || this.#pending.length + output.length > SMALL_CHARS) this.#flush();
    if (output.length > SMALL_CHARS) return this.#send(output, Buffer.byteLength(output), "utf8");
    this.#areBytes = areBytes;
    this.#pending += areBytes ? output.toString("latin1") : output;
    return !this.#res.writableNeedDrain;
  }

  drained(run: () => void): void {
    this.#res.once("drain", run);
  }

  end(): void {
    this.stop();
    // With what ends the answer behind it, in one write.
    this.#hold();
    this.#flush();
    if (this.#res.req.httpVersionMinor > 0) this.#res.addTrailers(pairs(this.#trailers()));
    this.#res.end();
  }

  /** Ends a stream that nobody writes to: an open one has no status for an error any more. */
  fail(failure: Failure): void {
    const { client } = this.#exchange.incoming;
    const writer = this.writer ?? client.writeStream(new ExchangeContext(this.#exchange, this.#exchange.source));
    this.write(writer.write({ type: "error", failure }));
    this.end();
  }

  /** No more signs of life. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #open(told: FlatHeaders, forwarded: FlatHeaders): void {
    this.#opened = true;
    this.#told = told;
    const { streamType } = this.#exchange.incoming.client;
    const headers = ["content-type", streamType, "cache-control", "no-cache", "x-accel-buffering", "no"];
    if (this.#res.req.httpVersionMinor > 0) headers.push("trailer", TRAILERS);
    this.#exchange.status = 200;
    this.#res.writeHead(200, [...headers, ...answerHeaders(this.#res), ...told, ...forwarded]);
  }

  /** What is written goes to the socket in one piece when this turn is over. */
  #hold(): void {
    const { socket } = this.#res;
    if (this.#isHeld || socket === null) return;
    this.#isHeld = true;
    socket.cork();
    process.nextTick(letGo, this, socket);
  }

  letGo(socket: Socket): void {
    this.#isHeld = false;
    this.#flush();
    socket.uncork();
  }

  #flush(): void {
    const text = this.#pending;
    this.#pending = "";
    if (text === "" || this.#res.destroyed) return;
    const bytes = this.#areBytes ? text.length : Buffer.byteLength(text);
    this.#send(text, bytes, bytes === text.length ? "latin1" : "utf8");
  }

  /** As one chunk, put together here: node:http makes four writes of one, and a fifth of the time a small event takes goes there. */
  #send(output: string | Buffer, bytes: number, encoding: "latin1" | "utf8"): boolean {
    const res = this.#res;
    // Who keeps what is written wants it without what HTTP puts around it.
    if (!res.chunkedEncoding || this.#exchange.raw) return res.write(output, encoding);
    res.chunkedEncoding = false;
    const size = `${bytes.toString(16)}\r\n`;
    let isDrained: boolean;
    if (typeof output === "string" && bytes <= SMALL_CHARS) isDrained = res.write(`${size}${output}\r\n`, encoding);
    else {
      res.write(size, "latin1");
      res.write(output, encoding);
      isDrained = res.write("\r\n", "latin1");
    }
    res.chunkedEncoding = true;
    return isDrained;
  }

  #wait(ms: number): void {
    this.#timer = this.#clock.after(ms, () => this.#tick());
  }

  /** One timer for each stream, moved on when it rings: writing only takes the time. */
  #tick(): void {
    const leftMs = this.#keepAliveMs - (this.#clock.nowMs() - this.#heardMs);
    if (leftMs <= 0) this.#signOfLife();
    this.#wait(leftMs > 0 ? Math.ceil(leftMs) : this.#keepAliveMs);
  }

  #signOfLife(): void {
    const { incoming, answer, requestedModel } = this.#exchange;
    // Inside an event it would break it; and who does not read what there is has no need of it.
    if (this.#boundary?.reached === false || this.#res.writableNeedDrain || this.#res.destroyed) return;
    const sign = incoming.client.keepAlive?.(answer?.model || requestedModel, this.#clock.wallMs());
    if (sign === undefined) return;
    // Who will answer nobody knows: that is told in the trailers.
    if (!this.#opened) this.#open(knownHeaders(this.#exchange), []);
    this.#heardMs = this.#clock.nowMs();
    this.#flush();
    this.#send(sign, Buffer.byteLength(sign), "utf8");
  }

  /** What the head did not say, or says otherwise by now. */
  #trailers(): FlatHeaders {
    const trailers = closingHeaders(this.#exchange);
    const now = routerHeaders(this.#exchange);
    for (let at = 0; at + 1 < now.length; at += 2) {
      const [name = "", value = ""] = now.slice(at, at + 2);
      const told = this.#told.indexOf(name);
      if (told === -1 || this.#told[told + 1] !== value) trailers.push(name, value);
    }
    return trailers;
  }
}

function letGo(stream: ClientStream, socket: Socket): void {
  stream.letGo(socket);
}

function pairs(flat: FlatHeaders): [string, string][] {
  const list: [string, string][] = [];
  for (let at = 0; at + 1 < flat.length; at += 2) list.push([flat[at] ?? "", flat[at + 1] ?? ""]);
  return list;
}
