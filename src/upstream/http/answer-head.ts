import { setOwn } from "../../core/json.ts";
import type { Headers } from "../../wire/format.ts";
import { CR, DELETE, LF, SPACE, TAB, TOKEN } from "./characters.ts";

const MAX_HEADERS = 500;
/** Providers say the same few dozen names each time. */
const MAX_KNOWN_NAMES = 512;
const MAX_KNOWN_CHARS = 64;
const COLON = 58;
const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?\r\n/;

export interface AnswerHead {
  readonly status: number;
  /** HTTP/1.0. */
  readonly isOld: boolean;
  readonly headers: Headers;
}

/**
 * Reads heads and trailers, whose text is whole: each line with its end, without the empty line behind them. A string says what is wrong. No line
 * may go on in the next, no character may be missing or too many: what one reader takes for a header and another for none hides answers in answers.
 */
export class HeadReader {
  /** As they are written → in lower case, and one string for each. */
  readonly #known = new Map<string, string>();

  read(text: string): AnswerHead | string {
    const line = STATUS_LINE.exec(text);
    if (line === null) return "its status line is none";
    const headers = this.readFields(text, line[0].length);
    if (typeof headers === "string") return headers;
    return { status: Number(line[2]), isOld: line[1] === "0", headers };
  }

  readFields(text: string, from: number): Headers | string {
    const headers: Record<string, string | string[]> = {};
    let count = 0;
    for (let at = from; at < text.length; ) {
      const start = at;
      while (TOKEN[text.charCodeAt(at)] === 1) at++;
      if (at === start || text.charCodeAt(at) !== COLON) return "a header has no name, or no colon behind it";
      if (++count > MAX_HEADERS) return `it has more than ${MAX_HEADERS} headers`;
      const name = this.#nameOf(text.slice(start, at));
      at = afterSpaces(text, at + 1);
      const end = endOfValue(text, at);
      if (text.charCodeAt(end) !== CR || text.charCodeAt(end + 1) !== LF)
        return "a header has a character that none may have";
      add(headers, name, text.slice(at, beforeSpaces(text, at, end)));
      at = end + 2;
    }
    return headers;
  }

  #nameOf(written: string): string {
    const known = this.#known.get(written);
    if (known !== undefined) return known;
    const name = written.toLowerCase();
    if (written.length <= MAX_KNOWN_CHARS && this.#known.size < MAX_KNOWN_NAMES) this.#known.set(copyOf(written), name);
    return name;
  }
}

/** A part of a text keeps all of the text in memory. */
function copyOf(text: string): string {
  return Buffer.from(text, "latin1").toString("latin1");
}

function afterSpaces(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) === SPACE || text.charCodeAt(at) === TAB) at++;
  return at;
}

function beforeSpaces(text: string, from: number, to: number): number {
  let at = to;
  while (at > from && (text.charCodeAt(at - 1) === SPACE || text.charCodeAt(at - 1) === TAB)) at--;
  return at;
}

function endOfValue(text: string, from: number): number {
  for (let at = from; ; at++) {
    const character = text.charCodeAt(at);
    // The end of the text, which is no number, too.
    if (!(character >= SPACE || character === TAB) || character === DELETE) return at;
  }
}

function add(headers: Record<string, string | string[]>, name: string, value: string): void {
  const before = Object.hasOwn(headers, name) ? headers[name] : undefined;
  if (before === undefined) setOwn(headers, name, value);
  else if (typeof before === "string") setOwn(headers, name, [before, value]);
  else before.push(value);
}
