/** One Server-Sent Event. */
export interface SseFrame {
  event: string;
  data: string;
  /** The last id the stream named. */
  id: string | undefined;
}

/** Cuts a stream of Server-Sent Events, given in pieces of any size, into its frames. Comments say only that the line is alive. */
export class SseParser {
  #rest = "";
  #data: string[] = [];
  #event = "";
  #id: string | undefined;

  /** The last id the stream named, also in a frame without data. */
  get lastId(): string | undefined {
    return this.#id;
  }

  feed(piece: string): SseFrame[] {
    const text = this.#rest + piece;
    // A `\r` at the very end may be half a line end.
    const complete = text.endsWith("\r") ? text.slice(0, -1) : text;
    const lines = complete.split(/\r\n|\n|\r/);
    this.#rest = (lines.pop() ?? "") + text.slice(complete.length);
    return lines.flatMap((line) => this.#line(line));
  }

  #line(line: string): SseFrame[] {
    if (line === "") return this.#end();
    const colon = line.indexOf(":");
    if (colon === 0) return [];
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (field === "data") this.#data.push(value);
    else if (field === "event") this.#event = value;
    else if (field === "id") this.#id = value;
    return [];
  }

  #end(): SseFrame[] {
    const data = this.#data.join("\n");
    const isEmpty = this.#data.length === 0;
    const frame = { event: this.#event || "message", data, id: this.#id };
    this.#data = [];
    this.#event = "";
    return isEmpty ? [] : [frame];
  }
}
