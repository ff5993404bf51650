const LF = 0x0a;
const CR = 0x0d;

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
