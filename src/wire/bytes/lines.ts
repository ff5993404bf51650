import { StringDecoder } from "node:string_decoder";

/** Longest line or event we take: images come as base64 inside one line. */
export const MAX_LINE_CHARS = 32 * 1024 * 1024;

/**
 * Bytes in arbitrary slices → lines, for SSE and NDJSON. Takes LF, CRLF and CR in any mix, a BOM, and UTF-8 cut anywhere.
 * Fragments of an unfinished line are kept in a list and joined once: joining at each push is quadratic for a 20 MB line.
 */
export class LineDecoder {
  readonly #onLine: (line: string) => void;
  readonly #skip: (text: string, from: number) => number;
  readonly #decoder = new StringDecoder("utf8");
  #fragments: string[] = [];
  #pendingChars = 0;
  #started = false;
  /** The last slice ended in CR: an LF at the start of the next one belongs to it. */
  #afterCr = false;

  /** `skip`: reads what it knows of a text, from where a line begins, and says where the first line begins that it does not know. */
  constructor(onLine: (line: string) => void, skip: (text: string, from: number) => number = (_, from) => from) {
    this.#onLine = onLine;
    this.#skip = skip;
  }

  /** Of the line that has no end yet. */
  get pendingChars(): number {
    return this.#pendingChars;
  }

  push(chunk: Uint8Array): void {
    this.#take(this.#decoder.write(chunk));
  }

  /** Gives out a last line that had no line end. */
  end(): void {
    this.#take(this.#decoder.end());
    if (this.#pendingChars > 0) this.#onLine(this.#join(""));
  }

  #take(decoded: string): void {
    if (decoded === "") return;
    const text = this.#normalise(decoded);
    let from = this.#pendingChars === 0 ? this.#skip(text, 0) : 0;
    for (let at = text.indexOf("\n", from); at !== -1; at = text.indexOf("\n", from)) {
      const piece = text.slice(from, at);
      from = at + 1;
      this.#onLine(this.#pendingChars === 0 ? piece : this.#join(piece));
      from = this.#skip(text, from);
    }
    if (from < text.length) this.#keep(from === 0 ? text : text.slice(from));
  }

  #normalise(decoded: string): string {
    let text = decoded;
    if (!this.#started) {
      this.#started = true;
      if (text.charCodeAt(0) === 0xfeff) text = text.slice(1);
    }
    if (this.#afterCr) {
      this.#afterCr = false;
      if (text.charCodeAt(0) === 0x0a) text = text.slice(1);
    }
    if (!text.includes("\r")) return text;
    this.#afterCr = text.endsWith("\r");
    return text.replace(/\r\n?/g, "\n");
  }

  #keep(piece: string): void {
    this.#pendingChars += piece.length;
    if (this.#pendingChars > MAX_LINE_CHARS)
      throw new Error(`a line of the stream is longer than ${MAX_LINE_CHARS} characters`);
    this.#fragments.push(piece);
  }

  #join(last: string): string {
    this.#fragments.push(last);
    const line = this.#fragments.length === 2 ? `${this.#fragments[0]}${last}` : this.#fragments.join("");
    this.#fragments = [];
    this.#pendingChars = 0;
    return line;
  }
}
