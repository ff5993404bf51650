import type { Headers } from "../../wire/format.ts";
import type { HeadReader } from "./answer-head.ts";
import { CR, DELETE, LF, SPACE, TAB } from "./characters.ts";
import { framingOf } from "./framing.ts";
import { ConnectionError, MalformedAnswer } from "./http-error.ts";

/** Of the head of an answer, and of its trailers; also of what is written behind the size of a chunk. */
const MAX_HEAD_BYTES = 16 * 1024;
const END_OF_HEAD = Buffer.from("\r\n\r\n");
const NOTHING = Buffer.alloc(0);
const SEMICOLON = 59;
const BEGINNING = "HTTP/1.";

/** Hears what an answer consists of. Each may pause or stop the parser. */
export interface AnswerParts {
  /** Of the answer itself; informational ones are passed over. */
  onHead(status: number, headers: Headers): void;
  /** Some of the body: `bytes` from `from` to `to`, which may be overwritten as soon as this returns. */
  onBody(bytes: Buffer, from: number, to: number): void;
  /** `left`: so many bytes behind it are in hand, which nobody asked for. */
  onComplete(left: number): void;
}

// What the next byte belongs to.
const NOBODY = 0;
const HEAD = 1;
const COUNTED = 2;
const UNTIL_CLOSE = 3;
const SIZE = 4;
const MORE_SIZE = 5;
const EXTENSION = 6;
const SIZE_END = 7;
const CHUNK_CR = 8;
const CHUNK_LF = 9;
const CHUNK = 10;
const TRAILERS = 11;
/** No byte is needed, only that somebody hears of it. */
const COMPLETE = 12;

const STATE_OF = { none: COMPLETE, counted: COUNTED, chunked: SIZE, "until-close": UNTIL_CLOSE } as const;

/**
 * Takes one answer after the other out of what a connection brings, however it is sliced. Takes nothing that could be read in two ways (RFC 9112):
 * `fault` then says why, and nothing more is read. Holds no more than a head that is not yet whole.
 */
export class ResponseParser {
  readonly #parts: AnswerParts;
  readonly #heads: HeadReader;
  #state = NOBODY;
  #method = "";
  /** Of a head or of trailers, what there is so far, and how much of the four characters behind it. */
  #text = "";
  #matched = 0;
  /** Bytes of the body, or of the chunk, that are still to come. */
  #left = 0;
  /** Characters of the line that says the size of a chunk. */
  #lineChars = 0;
  /** While it is true nothing is read. */
  paused = false;
  fault: Error | undefined;
  /** For how long the connection may be kept when the answer is complete; 0: not at all. */
  keepMs = 0;

  constructor(parts: AnswerParts, heads: HeadReader) {
    this.#parts = parts;
    this.#heads = heads;
  }

  /** An answer to this is awaited. Until then nothing is. */
  expect(method: string): void {
    this.#method = method;
    this.#text = "";
    this.#matched = 0;
    this.#state = HEAD;
  }

  /** Nobody hears anything any more. */
  stop(): void {
    this.#state = NOBODY;
  }

  /**
   * Reads from `from` to `to` and says how far it got: less than `to` when it is paused, the answer complete, or nothing awaited.
   */
  execute(bytes: Buffer, from: number, to: number): number {
    let at = from;
    while (!this.paused) {
      if (this.#state === COMPLETE) {
        this.#state = NOBODY;
        this.#parts.onComplete(to - at);
        return at;
      }
      if (at === to || this.#state === NOBODY) return at;
      at = this.#read(bytes, at, to);
    }
    return at;
  }

  /** The other side has said all: an answer without any other end is complete. */
  end(): void {
    if (this.#state !== UNTIL_CLOSE) return;
    this.#state = COMPLETE;
    this.execute(NOTHING, 0, 0);
  }

  #read(bytes: Buffer, from: number, to: number): number {
    switch (this.#state) {
      case HEAD:
        return this.#readHead(bytes, from, to);
      case COUNTED:
        return this.#readCounted(bytes, from, to, COMPLETE);
      case CHUNK:
        return this.#readCounted(bytes, from, to, CHUNK_CR);
      case UNTIL_CLOSE:
        this.#parts.onBody(bytes, from, to);
        return to;
      case TRAILERS:
        return this.#gather(bytes, from, to);
      default:
        return this.#readAroundChunks(bytes, from, to);
    }
  }

  #readHead(bytes: Buffer, from: number, to: number): number {
    if (this.#text !== "") return this.#gather(bytes, from, to);
    const end = bytes.indexOf(END_OF_HEAD, from);
    const next = end + END_OF_HEAD.length;
    // Behind `to` there may be what was read earlier.
    if (end === -1 || next > to || next - from > MAX_HEAD_BYTES) return this.#gather(bytes, from, to);
    this.#takeHead(bytes.toString("latin1", from, end + 2));
    return next;
  }

  /** On to the empty line behind a head or trailers that come in pieces. */
  #gather(bytes: Buffer, from: number, to: number): number {
    let at = from;
    let matched = this.#matched;
    while (at < to && matched < END_OF_HEAD.length) {
      const byte = bytes[at++];
      if (byte === END_OF_HEAD[matched]) matched++;
      else if (byte === CR || byte === LF || matched % 2 === 1) return this.#fail("a line ends in half an end", at);
      else matched = 0;
    }
    this.#matched = matched;
    this.#text += bytes.toString("latin1", from, at);
    if (this.#text.length > MAX_HEAD_BYTES)
      return this.#fail(`its head or its trailers have more than ${MAX_HEAD_BYTES} bytes`, at);
    if (matched === END_OF_HEAD.length) this.#takeGathered();
    else if (this.#state === HEAD && !beginsAsHead(this.#text)) this.#fail("its status line is none", at);
    return at;
  }

  #takeGathered(): void {
    const text = this.#text.slice(0, -2);
    this.#text = "";
    this.#matched = 0;
    if (this.#state === HEAD) return this.#takeHead(text);
    const trailers = this.#heads.readFields(text, 0);
    if (typeof trailers === "string") this.#fail(trailers, 0);
    else this.#state = COMPLETE;
  }

  #takeHead(text: string): void {
    const head = this.#heads.read(text);
    if (typeof head === "string") return void this.#fail(head, 0);
    const { status, headers } = head;
    if (status === 101) {
      this.#state = NOBODY;
      this.fault = new ConnectionError("the other side speaks another protocol from here on");
      return;
    }
    if (status < 200) return;
    const isTunnel = this.#method === "CONNECT" && status < 300;
    const framing = framingOf(head, this.#method === "HEAD" || isTunnel);
    if (typeof framing === "string") return void this.#fail(framing, 0);
    this.#left = framing.length;
    this.keepMs = framing.keepMs;
    this.#state = STATE_OF[framing.body];
    this.#parts.onHead(status, headers);
  }

  /** Of the body or of a chunk what there is; `next` is what comes behind it. */
  #readCounted(bytes: Buffer, from: number, to: number, next: number): number {
    const end = Math.min(from + this.#left, to);
    this.#left -= end - from;
    if (this.#left === 0) this.#state = next;
    this.#parts.onBody(bytes, from, end);
    return end;
  }

  #readAroundChunks(bytes: Buffer, from: number, to: number): number {
    let at = from;
    while (at < to && this.#state >= SIZE && this.#state <= CHUNK_LF) this.#readAroundChunk(bytes[at++] ?? 0);
    return at;
  }

  #readAroundChunk(byte: number): void {
    switch (this.#state) {
      case SIZE:
        this.#left = digitOf(byte);
        this.#lineChars = 0;
        this.#state = MORE_SIZE;
        if (this.#left === -1) this.#fail("the size of a chunk is none", 0);
        return;
      case MORE_SIZE:
        return this.#readSize(byte);
      case EXTENSION:
        if (byte === CR) this.#state = SIZE_END;
        else if ((byte < SPACE && byte !== TAB) || byte === DELETE || ++this.#lineChars > MAX_HEAD_BYTES)
          this.#fail("what is written behind the size of a chunk is nothing that may be", 0);
        return;
      case SIZE_END:
        if (byte !== LF) this.#fail("the size of a chunk has no end", 0);
        else this.#beginChunk();
        return;
      case CHUNK_CR:
        this.#state = CHUNK_LF;
        if (byte !== CR) this.#fail("a chunk is longer than it says", 0);
        return;
      default:
        this.#state = SIZE;
        if (byte !== LF) this.#fail("a chunk is longer than it says", 0);
    }
  }

  #readSize(byte: number): void {
    const digit = digitOf(byte);
    if (digit !== -1) {
      this.#left = this.#left * 16 + digit;
      if (this.#left > Number.MAX_SAFE_INTEGER || ++this.#lineChars > MAX_HEAD_BYTES)
        this.#fail("the size of a chunk is beyond all numbers", 0);
    } else if (byte === CR) this.#state = SIZE_END;
    else if (byte === SEMICOLON) this.#state = EXTENSION;
    else this.#fail("the size of a chunk is none", 0);
  }

  #beginChunk(): void {
    if (this.#left > 0) {
      this.#state = CHUNK;
      return;
    }
    this.#state = TRAILERS;
    this.#text = "";
    // The line before them has ended.
    this.#matched = 2;
  }

  /** Gives `at` back, for those who have to say how far they got. */
  #fail(why: string, at: number): number {
    this.#state = NOBODY;
    this.fault = new MalformedAnswer(why);
    return at;
  }
}

/** Of a hexadecimal number; -1: none. */
function digitOf(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const letter = byte | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

function beginsAsHead(text: string): boolean {
  return text.length < BEGINNING.length ? BEGINNING.startsWith(text) : text.startsWith(BEGINNING);
}
