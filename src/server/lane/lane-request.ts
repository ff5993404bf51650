import { EventEmitter } from "node:events";
import type { IncomingHttpHeaders } from "node:http";
import type { Socket } from "node:net";
import type { ClientRequest } from "../../core/client-call.ts";
import type { RequestHead } from "./request-head.ts";

/** So much of a body waits for who is to take it before the client has to. */
const MOST_WAITING = 256 * 1024;

/** A request in the lane. What comes of its body is given to who listens for `data`, or waits until somebody does. */
export class LaneRequest extends EventEmitter implements ClientRequest {
  readonly method = "POST";
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly httpVersion = "1.1";
  readonly httpVersionMinor = 1;
  readonly socket: Socket;
  /** Bytes of the body that have not come yet. */
  missing: number;
  readonly #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #isFlowing = false;
  /** Nobody wants it any more. */
  #isDumped = false;
  #ended = false;

  constructor({ target, headers, length }: RequestHead, socket: Socket) {
    super();
    this.url = target;
    this.headers = headers;
    this.missing = length;
    this.socket = socket;
  }

  override on(event: string, hear: (...args: never[]) => void): this {
    super.on(event, hear as (...args: unknown[]) => void);
    if (event === "data") this.resume();
    return this;
  }

  pause(): this {
    this.#isFlowing = false;
    return this;
  }

  resume(): this {
    if (this.#isFlowing) return this;
    this.#isFlowing = true;
    // Not before who resumes has said all that it listens for.
    if (this.#waiting.length > 0 || this.missing === 0) process.nextTick(deliver, this);
    return this;
  }

  /** What comes is let go. */
  dump(): void {
    this.#isDumped = true;
    this.#waiting.length = 0;
    this.#waitingBytes = 0;
    this.socket.resume();
  }

  /** A piece of the body, never more of it than is missing. */
  take(chunk: Buffer): void {
    this.missing -= chunk.length;
    if (this.#isDumped) return;
    if (chunk.length === 0) return this.deliver();
    if (this.#isFlowing && this.#waiting.length === 0) this.emit("data", chunk);
    else this.#keep(chunk);
    if (this.missing === 0) this.deliver();
  }

  deliver(): void {
    while (this.#isFlowing && this.#waiting.length > 0) this.emit("data", this.#waiting.shift());
    if (!this.#isFlowing || this.#isDumped) return;
    this.#waitingBytes = 0;
    this.socket.resume();
    if (this.missing > 0 || this.#ended) return;
    this.#ended = true;
    this.emit("end");
  }

  /** The client has left: in the middle of its body, if that has not come. */
  left(): void {
    if (this.missing > 0 && this.listenerCount("error") > 0) this.emit("error", new Error("the client has left"));
    this.emit("close");
  }

  #keep(chunk: Buffer): void {
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
    if (this.#waitingBytes > MOST_WAITING) this.socket.pause();
  }
}

function deliver(request: LaneRequest): void {
  request.deliver();
}
