import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import type { ClientResponse } from "../../core/client-call.ts";
import { STATUS_CODES } from "../../core/node-http.ts";
import type { LaneRequest } from "./lane-request.ts";
import { TOKEN } from "./request-head.ts";

/** Larger ones are not copied to stand in one piece with what comes before them. */
const SMALL_BYTES = 16 * 1024;
const NOT_IN_VALUE = /[^\t\x20-\x7e]/;
const LAST_CHUNK = "0\r\n";

/** What a connection is told of its answer. */
export interface AnswerOwner {
  readonly socket: Socket;
  /** How long a connection waits for a next request, s. */
  readonly keepAliveS: number;
  /** The answer is written. `isKept`: another request may follow. */
  answered(isKept: boolean): void;
}

/** The answer to a request in the lane: what `node:http` would write, head and first piece in one. */
export class LaneResponse extends EventEmitter implements ClientResponse {
  readonly req: LaneRequest;
  headersSent = false;
  statusCode = 200;
  chunkedEncoding = false;
  /** All of it was given to the socket. */
  writableFinished = false;
  readonly #owner: AnswerOwner;
  #set: string[] | undefined;
  /** Not written yet. */
  #head = "";
  #trailers = "";
  #isChunked = false;
  #isKept = true;
  #isClosed = false;

  constructor(owner: AnswerOwner, req: LaneRequest) {
    super();
    this.#owner = owner;
    this.req = req;
  }

  get socket(): Socket | null {
    return this.writableFinished ? null : this.#owner.socket;
  }

  get destroyed(): boolean {
    return this.#isClosed || this.#owner.socket.destroyed;
  }

  get writableNeedDrain(): boolean {
    return !this.writableFinished && this.#owner.socket.writableNeedDrain;
  }

  get writableLength(): number {
    return this.#head.length + this.#owner.socket.writableLength;
  }

  hasHeader(name: string): boolean {
    return this.#set?.some((each, at) => at % 2 === 0 && each.toLowerCase() === name.toLowerCase()) === true;
  }

  setHeader(name: string, value: string): void {
    this.#set ??= [];
    this.#set.push(name, value);
  }

  writeHead(status: number, headers: string[] = []): this {
    if (this.headersSent) throw new Error("the head of the answer was written already");
    let isSized = status === 204 || status === 304;
    let lines = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "unknown"}\r\n${headerLines(this.#set ?? [])}`;
    for (let at = 0; at + 1 < headers.length; at += 2) {
      const name = headers[at] ?? "";
      const value = headers[at + 1] ?? "";
      if (name === "content-length") isSized = true;
      else if (name === "connection") this.#isKept = value !== "close";
      lines += headerLine(name, value);
    }
    this.headersSent = true;
    this.statusCode = status;
    this.#isChunked = !isSized;
    this.chunkedEncoding = this.#isChunked;
    this.#head = `${lines}${this.#ending()}\r\n`;
    return this;
  }

  flushHeaders(): void {
    this.#send("", "latin1", "", "");
  }

  write(chunk: string | Buffer, encoding: BufferEncoding = "utf8"): boolean {
    if (chunk.length === 0) return !this.writableNeedDrain;
    if (!this.chunkedEncoding) return this.#send(chunk, encoding, "", "");
    return this.#send(chunk, encoding, `${Buffer.byteLength(chunk, encoding).toString(16)}\r\n`, "\r\n");
  }

  end(chunk: string | Buffer = "", encoding: BufferEncoding = "utf8"): this {
    if (this.writableFinished) return this;
    const isFramed = this.chunkedEncoding && chunk.length > 0;
    const before = isFramed ? `${Buffer.byteLength(chunk, encoding).toString(16)}\r\n` : "";
    const after = this.#isChunked ? `${isFramed ? "\r\n" : ""}${LAST_CHUNK}${this.#trailers}\r\n` : "";
    this.#send(chunk, encoding, before, after);
    // By who wanted the last pieces in one write.
    while (this.#owner.socket.writableCorked > 0) this.#owner.socket.uncork();
    this.writableFinished = true;
    this.#owner.answered(this.#isKept);
    process.nextTick(close, this);
    return this;
  }

  addTrailers(trailers: [string, string][]): void {
    for (const [name, value] of trailers) this.#trailers += headerLine(name, value);
  }

  destroy(): this {
    this.#owner.socket.destroy();
    return this;
  }

  /** The answer is out, or will never be. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.emit("close");
  }

  #ending(): string {
    const date = `Date: ${httpDate()}\r\n`;
    const connection = this.#isKept
      ? `Connection: keep-alive\r\nKeep-Alive: timeout=${this.#owner.keepAliveS}\r\n`
      : "";
    return `${date}${connection}${this.#isChunked ? "Transfer-Encoding: chunked\r\n" : ""}`;
  }

  /** In one write, but for what is large. Head and frames are ASCII: they may stand in any encoding. */
  #send(chunk: string | Buffer, encoding: BufferEncoding, before: string, after: string): boolean {
    const { socket } = this.#owner;
    const front = this.#head + before;
    this.#head = "";
    if (typeof chunk === "string") {
      const text = front + chunk + after;
      return text === "" || socket.write(text, encoding);
    }
    if (chunk.length <= SMALL_BYTES) return socket.write(front + chunk.toString("latin1") + after, "latin1");
    socket.cork();
    if (front !== "") socket.write(front, "latin1");
    let isDrained = socket.write(chunk);
    if (after !== "") isDrained = socket.write(after, "latin1");
    socket.uncork();
    return isDrained;
  }
}

function close(response: LaneResponse): void {
  response.close();
}

function headerLines(headers: readonly string[]): string {
  let lines = "";
  for (let at = 0; at + 1 < headers.length; at += 2) lines += headerLine(headers[at] ?? "", headers[at + 1] ?? "");
  return lines;
}

/** Throws on what would end the line, or the head: what stands in it would be taken for something else. */
function headerLine(name: string, value: string): string {
  if (!TOKEN.test(name) || NOT_IN_VALUE.test(value))
    throw new TypeError(`a header of the answer is none: ${JSON.stringify(name)}`);
  return `${name}: ${value}\r\n`;
}

let date = "";
let dateUntilMs = 0;

/** RFC 9110, 5.6.7; made once a second. */
function httpDate(): string {
  const now = Date.now();
  if (now >= dateUntilMs || now < dateUntilMs - 1_000) {
    date = new Date(now).toUTCString();
    dateUntilMs = now - (now % 1_000) + 1_000;
  }
  return date;
}
