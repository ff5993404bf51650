import type { ChatEvent } from "../../core/event.ts";
import { isObject, type JsonObject } from "../../core/json.ts";
import { shapeFault } from "../../core/json-shape.ts";
import type { StreamReader } from "../format.ts";
import { AlikeFrames } from "./alike.ts";
import { LineDecoder, MAX_LINE_CHARS } from "./lines.ts";

/** `[DONE]` with some blanks around it: longer data is not worth a look. */
const MAX_DONE_CHARS = 64;

/** A ping cut into slices is shorter than this: an unfinished line counts as progress only when it is longer. */
const MAX_PING_CHARS = 256;

/**
 * The dialect's own part of reading a stream: parsed frames in, events out. A small state object, one method per kind of
 * frame; framing, UTF-8 and JSON are done for it by `sseReader` and `ndjsonReader`.
 */
export interface StreamProtocol {
  /** One frame. `name` is the SSE event name, `""` when there is none (and always for NDJSON). */
  frame(name: string, value: JsonObject, out: ChatEvent[]): void;
  /** OpenAI's literal `[DONE]`. */
  done(out: ChatEvent[]): void;
  /** The bytes ended without the dialect having closed the answer: `end` if that is good enough, else `error`. */
  eof(out: ChatEvent[]): void;
}

/** Reads Server-Sent Events (WHATWG HTML §9.2): several `data:` lines are one frame, comments and unknown fields are skipped. */
export function sseReader(protocol: StreamProtocol): StreamReader {
  return new SseReader(protocol);
}

/** Reads newline-delimited JSON (Ollama). */
export function ndjsonReader(protocol: StreamProtocol): StreamReader {
  return new NdjsonReader(protocol);
}

abstract class FramedReader implements StreamReader {
  protected readonly protocol: StreamProtocol;
  protected out: ChatEvent[] = [];
  readonly #lines: LineDecoder;
  readonly #frames = new AlikeFrames();
  #closed = false;
  /** Since the last slice began there was a frame that is no ping. */
  #moved = false;

  constructor(protocol: StreamProtocol) {
    this.protocol = protocol;
    this.#lines = new LineDecoder((line) => {
      if (!this.#closed) this.line(line);
    });
  }

  push(chunk: Uint8Array, out: ChatEvent[]): boolean {
    if (this.#closed) return false;
    this.out = out;
    this.#moved = false;
    this.#lines.push(chunk);
    return this.#moved || this.#lines.pendingChars > MAX_PING_CHARS;
  }

  end(out: ChatEvent[]): void {
    if (this.#closed) return;
    this.out = out;
    this.#lines.end();
    if (!this.#closed) this.lastLine();
    if (this.#closed) return;
    this.protocol.eof(out);
    this.#closed = true;
  }

  protected abstract line(line: string): void;
  /** Called at the end of the bytes, for a frame whose blank line never came. */
  protected abstract lastLine(): void;

  /** Nothing counts after the first terminal event: a second `[DONE]`, a stray ping. */
  protected closeIfTerminal(): void {
    const last = this.out.at(-1);
    if (last?.type === "end" || last?.type === "error") this.#closed = true;
  }

  protected json(name: string, text: string): void {
    const value = this.#frames.parse(text);
    if (value === undefined)
      throw new Error(`a frame of the stream ${shapeFault(text) ?? "is not JSON"}: ${text.slice(0, 200)}`);
    if (!isObject(value)) throw new Error(`a frame of the stream is not a JSON object: ${text.slice(0, 200)}`);
    const before = this.out.length;
    this.protocol.frame(name, value, this.out);
    if (this.out[before]?.type !== "ping") this.#moved = true;
    this.closeIfTerminal();
  }
}

class SseReader extends FramedReader {
  #name = "";
  #data: string | undefined;
  /** Bare JSON over several lines, so far. */
  #bare: string | undefined;

  protected override line(line: string): void {
    if (this.#bare !== undefined || line === "{") return this.#takeBare(line);
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    if (colon === 0) return; // a comment
    // Some servers send an error as a bare JSON line, without `data:`.
    if (line.charCodeAt(0) === 0x7b) return this.json("", line);
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(line.charCodeAt(colon + 1) === 0x20 ? colon + 2 : colon + 1);
    if (field === "data") this.#keep(value);
    else if (field === "event") this.#name = value;
  }

  #keep(value: string): void {
    this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`;
    if (this.#data.length > MAX_LINE_CHARS)
      throw new Error(`an event of the stream is longer than ${MAX_LINE_CHARS} characters`);
  }

  /** Gemini ends a broken stream by an error that is no event, but JSON as printed for people. */
  #takeBare(line: string): void {
    const bare = `${this.#bare ?? ""}${line}\n`;
    if (bare.length > MAX_LINE_CHARS)
      throw new Error(`bare JSON in the stream is longer than ${MAX_LINE_CHARS} characters`);
    this.#bare = line.startsWith("}") ? undefined : bare;
    if (this.#bare === undefined) this.json("", bare);
  }

  protected override lastLine(): void {
    if (this.#bare !== undefined) this.json("", this.#bare);
    this.#dispatch();
  }

  #dispatch(): void {
    const data = this.#data;
    const name = this.#name;
    this.#data = undefined;
    this.#name = "";
    if (data === undefined || data.trim() === "") return;
    if (data.length < MAX_DONE_CHARS && data.trim() === "[DONE]") {
      this.protocol.done(this.out);
      this.closeIfTerminal();
      return;
    }
    this.json(name, data);
  }
}

class NdjsonReader extends FramedReader {
  protected override line(line: string): void {
    if (line.trim() !== "") this.json("", line);
  }

  protected override lastLine(): void {
    // A line without its line end has already been given out by the decoder.
  }
}

/** A comment, in a block of its own: clients that split a stream at blank lines never see it glued to an event. */
export const SSE_COMMENT = ": ping\n\n";

/** One SSE event of the `event:` + `data:` kind (Anthropic, Responses). */
export function namedEvent(name: string, value: JsonObject): string {
  return `event: ${name}\ndata: ${JSON.stringify(value)}\n\n`;
}

/** One unnamed SSE event (OpenAI Chat). */
export function dataEvent(value: JsonObject): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}
