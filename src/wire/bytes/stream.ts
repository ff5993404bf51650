import type { ChatEvent } from "../../core/event.ts";
import { isObject, type JsonObject, tryParseJson } from "../../core/json.ts";
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
  /**
   * A frame told nothing but `told`. Where those that differ from it in this text alone, and in what `idle` matches, would do the same, they are not
   * parsed: the function is called with the text of each. Undefined: they would not, or nobody knows. Absent: likewise.
   */
  repeats?(value: JsonObject, told: Delta): ((text: string) => void) | undefined;
  /** Values no event depends on (strings without escapes, or digits) that change from frame to frame. */
  readonly idle?: RegExp;
}

/** An event that is nothing but a piece of text. */
export type Delta = Extract<ChatEvent, { type: "text-delta" | "reasoning-delta" | "arguments-delta" }>;

/** For `repeats`: the text is all there is to note. */
export const NOTHING_MORE = (): void => undefined;

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
  gathers = false;
  unread: string | undefined;
  readonly #lines: LineDecoder;
  readonly #alike = new AlikeFrames();
  #told: Delta | undefined;
  #note: (text: string) => void = NOTHING_MORE;
  #closed = false;
  /** Since the last slice began there was a frame that is no ping. */
  #moved = false;

  constructor(protocol: StreamProtocol) {
    this.protocol = protocol;
    this.#lines = new LineDecoder(
      (line) => {
        if (!this.#closed) this.line(line);
      },
      (text, from) => (this.#told === undefined || this.inFrame ? from : this.#skip(text, from, this.#told)),
    );
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
  /** A frame has begun. */
  protected abstract readonly inFrame: boolean;
  /** Called at the end of the bytes, for a frame whose blank line never came. */
  protected abstract lastLine(): void;

  /** Nothing counts after the first terminal event: a second `[DONE]`, a stray ping. */
  protected closeIfTerminal(): void {
    const last = this.out.at(-1);
    if (last?.type !== "end" && last?.type !== "error") return;
    this.#closed = true;
    this.#told = undefined;
  }

  /** `opening`, `closing`: what stood around the JSON; undefined: that is hard to say. */
  protected json(name: string, text: string, opening?: string, closing = "\n"): void {
    this.unread = text;
    const value = tryParseJson(text);
    if (value === undefined)
      throw new Error(`a frame of the stream ${shapeFault(text) ?? "is not JSON"}: ${text.slice(0, 200)}`);
    if (!isObject(value)) throw new Error(`a frame of the stream is not a JSON object: ${text.slice(0, 200)}`);
    const before = this.out.length;
    this.protocol.frame(name, value, this.out);
    this.unread = undefined;
    if (this.out[before]?.type !== "ping") this.#moved = true;
    this.#learn(value, text, opening, closing, this.out.length === before + 1 ? this.out[before] : undefined);
    this.closeIfTerminal();
  }

  /** Frames that are like those before them. */
  #skip(text: string, from: number, { type, index }: Delta): number {
    let at = from;
    let gathered = "";
    for (let end = this.#alike.match(text, at); end !== -1; end = this.#alike.match(text, at)) {
      at = end;
      const piece = this.#alike.text;
      this.#note(piece);
      if (this.gathers) gathered += piece;
      else this.out.push({ type, index, text: piece });
    }
    if (gathered !== "") this.out.push({ type, index, text: gathered });
    if (at > from) this.#moved = true;
    return at;
  }

  #learn(value: JsonObject, json: string, opening: string | undefined, closing: string, told: ChatEvent | undefined) {
    this.#told = undefined;
    if (opening === undefined || told === undefined || !isDelta(told)) return;
    const note = this.protocol.repeats?.(value, told);
    if (!note || !this.#alike.learn(opening, json, closing, told.text, this.protocol.idle)) return;
    this.#told = told;
    this.#note = note;
  }
}

function isDelta(event: ChatEvent): event is Delta {
  switch (event.type) {
    case "text-delta":
      return event.logprobs === undefined;
    case "reasoning-delta":
    case "arguments-delta":
      return true;
    default:
      return false;
  }
}

class SseReader extends FramedReader {
  #name = "";
  #data: string | undefined;
  /** Bare JSON over several lines, so far. */
  #bare: string | undefined;
  /** Lines of the frame before its data. */
  #before = "";
  /** Those, and what stands on the line before the data; undefined: there was more behind it. */
  #opening: string | undefined;

  protected override get inFrame(): boolean {
    return this.#data !== undefined || this.#before !== "" || this.#bare !== undefined;
  }

  protected override line(line: string): void {
    if (this.#bare !== undefined || line === "{") return this.#takeBare(line);
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    if (colon === 0) return; // a comment
    // Some servers send an error as a bare JSON line, without `data:`.
    if (line.charCodeAt(0) === 0x7b) return this.json("", line);
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(line.charCodeAt(colon + 1) === 0x20 ? colon + 2 : colon + 1);
    this.#opening = this.#data === undefined ? this.#before + line.slice(0, line.length - value.length) : undefined;
    if (field === "data") return this.#keep(value);
    this.#before += `${line}\n`;
    if (field === "event") this.#name = value;
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
    this.#before = "";
    if (data === undefined || data.trim() === "") return;
    if (data.length < MAX_DONE_CHARS && data.trim() === "[DONE]") {
      this.protocol.done(this.out);
      this.closeIfTerminal();
      return;
    }
    this.json(name, data, this.#opening, "\n\n");
  }
}

class NdjsonReader extends FramedReader {
  protected override readonly inFrame = false;

  protected override line(line: string): void {
    if (line.trim() !== "") this.json("", line, "");
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
