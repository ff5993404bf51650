import type { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { isObject, type JsonObject, tryParseJson } from "../../src/core/json.ts";
import { LAST_CHUNK } from "../support/tcp-upstream.ts";
import type { Frames, UpstreamFormat } from "../support/upstream/answer.ts";
import { chatDialect } from "../support/upstream/upstream.ts";

/** Which of a rule's targets a base URL stands for: what each does is scripted by itself. */
export type Place = "one" | "two";

/** A small piece of what a provider may do; scripts are put together of several, played one after the other. */
export type Part = (call: Call) => void | Promise<void>;

/** How the end of a body is told. */
export type Framing = "chunked" | "length" | "close";

/** What a target of a model says: nobody else says the same, in any script. */
export function textOf(place: Place, model: string): string {
  return `Target ${place} of ${model} says: grüße, 你好, 🎉🏽, and "so on" \\ to the end.`;
}

interface Asked {
  place: Place;
  format: UpstreamFormat;
  model: string;
  /** Request line and headers, as they came. */
  head: readonly string[];
  /** The connection had carried a request before. */
  reused: boolean;
  /** Where the path says it. */
  stream?: boolean;
}

let serial = 0;

/** One request at the fault server, what is known of it, and the connection that the parts of a script play on. */
export class Call {
  readonly place: Place;
  readonly format: UpstreamFormat;
  readonly model: string;
  readonly head: readonly string[];
  readonly reused: boolean;
  /** Monotonic ms. */
  readonly arrivedMs = performance.now();
  /** When the connection closed; undefined while it is open, and for those whose connection went on to another. */
  closedMs: number | undefined;
  body: Buffer = Buffer.alloc(0);
  /** All of the request is there. */
  complete = false;
  /** The answer is over as far as the script goes. */
  isOver = false;
  /** What its script failed with. */
  crash: unknown;
  /** Bytes the system took to send on. */
  sent = 0;
  framing: Framing = "chunked";
  /** Bytes for each write; 0: all at once. */
  slice = 0;
  /** Between two writes. */
  paceMs = 0;
  readonly #socket: Socket;
  readonly #stream: boolean | undefined;
  readonly #gone = new AbortController();
  readonly #serial = ++serial;
  #answer: Buffer | undefined;

  constructor(socket: Socket, { place, format, model, head, reused, stream }: Asked) {
    this.#socket = socket;
    this.place = place;
    this.format = format;
    this.model = model;
    this.head = head;
    this.reused = reused;
    this.#stream = stream;
  }

  /** The connection closed. */
  gone(): void {
    this.closedMs = performance.now();
    this.#gone.abort();
  }

  received(body: Buffer, complete: boolean): void {
    this.body = body;
    this.complete = complete;
  }

  /** A part that cannot go on since the other side let go has done its work; another error is a bug of the script's. */
  play(part: Part): void {
    Promise.resolve(part(this)).catch((error: unknown) => {
      if (!this.#socket.destroyed) this.crash = error;
      this.#socket.destroy();
    });
  }

  get isOpen(): boolean {
    return !this.isOver && this.closedMs === undefined;
  }

  get stream(): boolean {
    return this.#stream ?? chatDialect(this.format).wantsStream(this.json);
  }

  get json(): JsonObject {
    const value = tryParseJson(this.body.toString("utf8"));
    // Of a request that is not all there yet what is told by name.
    return isObject(value) ? value : { stream: /"stream":true/.test(this.body.toString("latin1")) };
  }

  /** The content type of the answer that was asked for. */
  get type(): string {
    return this.stream ? chatDialect(this.format).streamType : "application/json";
  }

  /** The frames of the stream that was asked for. */
  get frames(): Frames {
    return chatDialect(this.format).frames(this.#said, this.#context);
  }

  /** The whole body of the right answer, until a part changes it. */
  get answer(): Buffer {
    this.#answer ??= Buffer.from(this.stream ? framesText(this.frames) : JSON.stringify(this.whole));
    return this.#answer;
  }

  set answer(bytes: Buffer) {
    this.#answer = bytes;
  }

  get whole(): JsonObject {
    return chatDialect(this.format).whole(this.#said, this.#context);
  }

  /** Bytes as they are, sliced and paced as the parts before said. */
  async write(bytes: Uint8Array | string): Promise<void> {
    const all = Buffer.from(bytes);
    const size = this.slice || all.length || 1;
    for (let at = 0; at < all.length; at += size) {
      await this.#push(all.subarray(at, at + size));
      if (this.paceMs > 0) await this.pause(this.paceMs);
    }
  }

  /** A piece of the body, framed. */
  async send(bytes: Buffer): Promise<void> {
    if (bytes.length === 0) return;
    if (this.framing !== "chunked") return this.write(bytes);
    await this.write(Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]));
  }

  /** The body ends as HTTP wants it. */
  async end(): Promise<void> {
    if (this.framing === "chunked") await this.write(LAST_CHUNK);
    this.isOver = true;
    if (this.framing === "close") this.#socket.end();
  }

  async pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#gone.signal });
  }

  /** Closes properly, wherever the answer is. */
  fin(): void {
    this.isOver = true;
    this.#socket.end();
  }

  reset(): void {
    this.isOver = true;
    this.#socket.resetAndDestroy();
  }

  #push(bytes: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.write(bytes, (error) => {
        if (error) return reject(error);
        this.sent += bytes.length;
        resolve();
      });
    });
  }

  get #said() {
    return { text: textOf(this.place, this.model) };
  }

  get #context() {
    return { model: this.model, serial: this.#serial, body: this.json };
  }
}

function framesText({ content, closing }: Frames): string {
  return content.join("") + closing.join("");
}
