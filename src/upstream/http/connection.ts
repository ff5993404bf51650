import type { Socket } from "node:net";
import type { Headers } from "../../wire/format.ts";
import type { HeadReader } from "./answer-head.ts";
import type { Connector } from "./connector.ts";
import { KEEP_ALIVE_MS } from "./framing.ts";
import { ConnectionError } from "./http-error.ts";
import { type RequestBytes, writeRequest } from "./request-bytes.ts";
import { type AnswerParts, ResponseParser } from "./response-parser.ts";
import type { SocketOwner } from "./sockets.ts";
import type { Turns } from "./turns.ts";

const NOTHING = Buffer.alloc(0);

/** Hears how it goes with one request. The last is one of `onEnd` and `onBroken`, neither of them while it is being sent. */
export interface Caller {
  /** The connection stands, the request goes out. */
  onSent(): void;
  /** A byte of the answer is there. */
  onAnswering(): void;
  onHead(status: number, headers: Headers): void;
  onData(piece: Buffer): void;
  /** Now the connection is to be released. */
  onEnd(): void;
  /** The connection is closed. */
  onBroken(error: Error): void;
}

/** One connection, for one call after the other. */
export class Connection implements SocketOwner, AnswerParts {
  readonly #connect: Connector;
  readonly #turns: Turns;
  readonly #gone: (connection: Connection) => void;
  readonly #parser: ResponseParser;
  #socket: Socket | undefined;
  #call: Caller | undefined;
  /** It has not been written yet. */
  #request: RequestBytes | undefined;
  #stands = false;
  #isGone = false;
  /** The answer is awaited, and nothing of it is there. */
  #isSilent = false;
  #isReading = false;
  /** The bytes at hand are others' next. */
  #isShared = false;
  /** What was read while nobody took any more. */
  #rest: Buffer = NOTHING;
  /** The other side has said all. */
  #hasEnded = false;
  /** More came than was asked for. */
  #isSpoiled = false;
  #keepMs = KEEP_ALIVE_MS;
  /** It has served a call already. */
  used = false;

  constructor(connect: Connector, heads: HeadReader, turns: Turns, gone: (connection: Connection) => void) {
    this.#connect = connect;
    this.#turns = turns;
    this.#gone = gone;
    this.#parser = new ResponseParser(this, heads);
  }

  send(request: RequestBytes, call: Caller): void {
    this.#request = request;
    this.#call = call;
    if (this.#stands) this.#turns.add(this);
    else this.#open();
  }

  onTurn(): void {
    if (this.#socket && this.#request) this.#write(this.#socket, this.#request);
  }

  pause(): void {
    this.#parser.paused = true;
    this.#socket?.pause();
  }

  /** What is in hand is told at once. */
  resume(): void {
    if (!this.#parser.paused) return;
    this.#parser.paused = false;
    if (!this.#isReading) this.#readRest();
    if (this.#parser.paused || this.#isGone) return;
    if (this.#hasEnded) this.#finish();
    else this.#socket?.resume();
  }

  /** The answer is complete: true when another call may use it. */
  release(): boolean {
    this.used = true;
    const socket = this.#socket;
    const { keepMs } = this.#parser;
    if (this.#isGone || this.#hasEnded || this.#isSpoiled || keepMs === 0) return false;
    // The provider has not taken all of the request.
    if (socket === undefined || socket.destroyed || socket.writableLength > 0) return false;
    if (keepMs !== this.#keepMs) {
      this.#keepMs = keepMs;
      socket.setTimeout(keepMs);
    }
    return true;
  }

  /** Its call hears of it, but not before this returns. */
  destroy(): void {
    const call = this.#call;
    this.#close();
    if (call) queueMicrotask(() => call.onBroken(new ConnectionError("the router closed it")));
  }

  /** Until it is. */
  async closed(): Promise<void> {
    this.destroy();
    const socket = this.#socket;
    if (socket && !socket.closed) await new Promise((resolve) => socket.once("close", resolve));
  }

  onStands(socket: Socket): void {
    // Through a proxy it is another one than at first.
    this.#socket = socket;
    if (this.#isGone) return void socket.destroy();
    this.#stands = true;
    socket.on("error", (error) => this.#fail(error));
    socket.on("end", () => this.#end());
    socket.on("close", () => this.#end());
    socket.on("timeout", () => {
      if (this.#call === undefined) this.#close();
    });
    socket.setTimeout(this.#keepMs);
    if (this.#request) this.#write(socket, this.#request);
  }

  onNoConnection(error: Error): void {
    this.#fail(error);
  }

  onBytes(bytes: Buffer, count: number, isShared: boolean): void {
    if (this.#isGone) return;
    if (this.#parser.paused) {
      this.#rest = Buffer.concat([this.#rest, bytes.subarray(0, count)]);
      return;
    }
    if (this.#isSilent) {
      this.#isSilent = false;
      this.#call?.onAnswering();
    }
    this.#isShared = isShared;
    this.#read(bytes, 0, count);
  }

  onHead(status: number, headers: Headers): void {
    this.#call?.onHead(status, headers);
  }

  onBody(bytes: Buffer, from: number, to: number): void {
    if (!this.#isShared) return this.#call?.onData(bytes.subarray(from, to));
    const piece = Buffer.allocUnsafe(to - from);
    bytes.copy(piece, 0, from, to);
    this.#call?.onData(piece);
  }

  onComplete(left: number): void {
    const call = this.#call;
    this.#call = undefined;
    this.#isSpoiled = left > 0;
    call?.onEnd();
  }

  #open(): void {
    try {
      this.#socket = this.#connect(this);
    } catch (error) {
      // A certificate authority that is none.
      queueMicrotask(() => this.#fail(errorOf(error)));
    }
  }

  #write(socket: Socket, request: RequestBytes): void {
    this.#request = undefined;
    this.#isSilent = true;
    this.#parser.expect(request.method);
    this.#call?.onSent();
    writeRequest(socket, request);
  }

  #read(bytes: Buffer, from: number, to: number): void {
    this.#isReading = true;
    let at: number;
    try {
      at = this.#parser.execute(bytes, from, to);
    } catch (error) {
      // A bug in whoever hears the answer ends its call, not the program.
      return this.#fail(errorOf(error));
    } finally {
      this.#isReading = false;
    }
    if (this.#isGone) return;
    if (this.#parser.fault) return this.#fail(this.#parser.fault);
    if (at === to) return;
    if (this.#parser.paused) this.#rest = Buffer.from(bytes.subarray(at, to));
    else this.#fail(new ConnectionError("bytes came that nobody asked for"));
  }

  #readRest(): void {
    const rest = this.#rest;
    this.#rest = NOTHING;
    this.#isShared = false;
    this.#read(rest, 0, rest.length);
  }

  /** The other side has said all. What is in hand comes first. */
  #end(): void {
    this.#hasEnded = true;
    if (!this.#parser.paused) this.#finish();
  }

  #finish(): void {
    this.#parser.end();
    if (!this.#isGone) this.#fail(new ConnectionError("the other side closed it"));
  }

  #fail(error: Error): void {
    const call = this.#call;
    this.#close();
    call?.onBroken(error);
  }

  #close(): void {
    this.#call = undefined;
    this.#request = undefined;
    if (this.#isGone) return;
    this.#isGone = true;
    this.#parser.stop();
    this.#rest = NOTHING;
    this.#socket?.destroy();
    this.#gone(this);
  }
}

function errorOf(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
