const LF = 0x0a;
const CR = 0x0d;

/** Lets only whole events of a stream through, in the bytes they came in; the beginning of one waits for its end. */
export class WholeEvents {
  readonly #boundary: Boundary;
  readonly #ends: readonly string[];
  #begun: Buffer[] = [];

  constructor(streamType: string) {
    this.#boundary = new Boundary(streamType);
    this.#ends = streamType === "application/x-ndjson" ? ["\n"] : ["\n\n", "\n\r\n"];
  }

  /** What may go on. */
  push(chunk: Buffer): Buffer {
    this.#boundary.wrote(chunk);
    const straddles = this.#begun.length > 0 && (chunk[0] === LF || chunk[0] === CR);
    const piece = straddles ? Buffer.concat([...this.#begun, chunk]) : chunk;
    if (straddles) this.#begun = [];
    const end = this.#boundary.reached ? piece.length : this.#lastEnd(piece);
    const whole = end === 0 ? EMPTY : Buffer.concat([...this.#begun, piece.subarray(0, end)]);
    if (end > 0) this.#begun = [];
    if (end < piece.length) this.#begun.push(piece.subarray(end));
    return whole;
  }

  /** What is there of an event that has not ended. */
  rest(): Buffer {
    const rest = Buffer.concat(this.#begun);
    this.#begun = [];
    return rest;
  }

  /** Readers who take a bare CR for a line end may see events in what waits. */
  get doubtful(): boolean {
    return this.#begun.some((piece) => piece.includes("\r\r"));
  }

  #lastEnd(chunk: Buffer): number {
    return Math.max(...this.#ends.map((end) => (chunk.includes(end) ? chunk.lastIndexOf(end) + end.length : 0)));
  }
}

const EMPTY = Buffer.alloc(0);

/**
 * Knows whether the bytes of a stream so far end where one of its events ends, so that something of our own may stand
 * between: behind a blank line of Server-Sent Events, behind a line of NDJSON. Looks at the last bytes of each piece only.
 */
export class Boundary {
  readonly #needed: number;
  /** Line feeds at the end of what was written, carriage returns not counted. */
  #feeds: number;
  #last = LF;

  constructor(streamType: string) {
    this.#needed = streamType === "application/x-ndjson" ? 1 : 2;
    this.#feeds = this.#needed;
  }

  wrote(chunk: Uint8Array): void {
    const { length } = chunk;
    // LF CR LF: no blank line needs more, so what stood before them does not matter.
    if (length >= 3) this.#feeds = 0;
    for (let at = Math.max(0, length - 3); at < length; at++) {
      const byte = chunk[at] ?? 0;
      if (byte === LF) this.#feeds++;
      else if (byte !== CR) this.#feeds = 0;
      this.#last = byte;
    }
  }

  /** True before the first byte. A bare CR may be half a line end: not yet. */
  get reached(): boolean {
    return this.#feeds >= this.#needed && this.#last === LF;
  }
}
