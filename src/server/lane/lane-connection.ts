import type { Socket } from "node:net";
import { LaneRequest } from "./lane-request.ts";
import { type AnswerOwner, LaneResponse } from "./lane-response.ts";
import { readHead } from "./request-head.ts";

/** Bytes of next requests that wait for the answer to the one before. */
const MOST_AHEAD = 64 * 1024;
const HEAD_END = "\r\n\r\n";
const NOTHING: Buffer = Buffer.alloc(0);
/** What `node:http` says. */
const TIMED_OUT = "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n";

/** What connections share. */
export interface Lane {
  readonly keepAliveS: number;
  /** A head may have so many bytes. */
  readonly maxHeadBytes: number;
  /** Counted up once a second. */
  readonly second: number;
  handle(req: LaneRequest, res: LaneResponse): void;
  /** From here on the connection is `node:http`'s, these bytes first. */
  handOver(connection: LaneConnection, bytes: Buffer): void;
  gone(connection: LaneConnection): void;
}

/** A connection while all that comes on it is plain: one request after the other, each answered before the next one is read. */
export class LaneConnection implements AnswerOwner {
  readonly socket: Socket;
  readonly #lane: Lane;
  #request: LaneRequest | undefined;
  #response: LaneResponse | undefined;
  /** What came behind the request under way. */
  #ahead = NOTHING;
  /** The `second` since which it waits for the client. */
  #since: number;
  /** It has had a request. */
  #isUsed = false;

  constructor(socket: Socket, lane: Lane) {
    this.socket = socket;
    this.#lane = lane;
    this.#since = lane.second;
    socket.on("data", this.#read).on("end", this.#ended).on("error", this.#broke).on("close", this.#closed);
    socket.on("drain", this.#drained);
  }

  get keepAliveS(): number {
    return this.#lane.keepAliveS;
  }

  /** Nothing is asked, and all is answered. */
  get isIdle(): boolean {
    return this.#request === undefined && this.#response === undefined && this.socket.writableLength === 0;
  }

  answered(isKept: boolean): void {
    this.#response = undefined;
    this.#since = this.#lane.second;
    if (!isKept) this.socket.destroySoon();
    else if (this.#request === undefined) this.#next();
    else if (this.#request.missing > 0) this.#request.dump();
  }

  /** Closes it when its client is too slow: s it may take for a head, for a whole request, and between requests. 0: as long as it likes. */
  check(headS: number, requestS: number): void {
    // Whole seconds that are surely over.
    const waited = this.#lane.second - this.#since - 1;
    const isOver = (seconds: number) => seconds > 0 && waited >= seconds;
    if (this.#request !== undefined) {
      if (isOver(requestS)) this.#timeOut();
    } else if (this.#response !== undefined) return;
    else if (!this.#isUsed) {
      if (isOver(headS)) this.#timeOut();
    } else if (isOver(this.#lane.keepAliveS)) this.socket.destroy();
  }

  /** Hears no more of its socket. */
  leave(): void {
    const { socket } = this;
    socket.off("data", this.#read).off("end", this.#ended).off("error", this.#broke).off("close", this.#closed);
    socket.off("drain", this.#drained);
  }

  readonly #read = (chunk: Buffer): void => {
    if (this.#request !== undefined) this.#feed(this.#request, chunk);
    else if (this.#response === undefined && this.#ahead.length === 0) this.#begin(chunk);
    else this.#keep(chunk);
  };

  /** Gives the request what is its own. */
  #feed(request: LaneRequest, bytes: Buffer): void {
    const { missing } = request;
    if (bytes.length < missing) return request.take(bytes);
    this.#request = undefined;
    if (bytes.length > missing) this.#keep(bytes.subarray(missing));
    request.take(bytes.length > missing ? bytes.subarray(0, missing) : bytes);
    if (this.#response === undefined) this.#next();
  }

  #keep(bytes: Buffer): void {
    this.#ahead = this.#ahead.length === 0 ? bytes : Buffer.concat([this.#ahead, bytes]);
    if (this.#ahead.length > MOST_AHEAD) this.socket.pause();
  }

  #begin(bytes: Buffer): void {
    const end = bytes.indexOf(HEAD_END, 0, "latin1");
    const head = end === -1 || end > this.#lane.maxHeadBytes ? undefined : readHead(bytes.toString("latin1", 0, end));
    if (head === undefined) return this.#lane.handOver(this, bytes);
    const request = new LaneRequest(head, this.socket);
    const response = new LaneResponse(this, request);
    this.#isUsed = true;
    this.#since = this.#lane.second;
    this.#request = request;
    this.#response = response;
    this.#lane.handle(request, response);
    const body = bytes.subarray(end + HEAD_END.length);
    if (body.length > 0 || head.length === 0) this.#feed(request, body);
  }

  /** Not at once: a client that sends many requests in one piece must not keep others waiting, nor fill the stack. */
  #next(): void {
    if (this.#ahead.length > 0) setImmediate(this.#readAhead);
  }

  readonly #readAhead = (): void => {
    const bytes = this.#ahead;
    this.#ahead = NOTHING;
    if (bytes.length === 0 || this.socket.destroyed) return;
    this.socket.resume();
    this.#read(bytes);
  };

  readonly #drained = (): void => {
    this.#response?.emit("drain");
  };

  /** A client that will not send any more is gone: what it has asked nobody waits for. */
  readonly #ended = (): void => {
    this.socket.end();
  };

  readonly #broke = (): void => {
    this.socket.destroy();
  };

  readonly #closed = (): void => {
    this.#lane.gone(this);
    this.#request?.left();
    this.#response?.close();
    this.#request = undefined;
    this.#response = undefined;
  };

  #timeOut(): void {
    const isAnswered = this.#response?.headersSent === true;
    if (!isAnswered && this.socket.writable) this.socket.write(TIMED_OUT);
    this.socket.destroy();
  }
}
