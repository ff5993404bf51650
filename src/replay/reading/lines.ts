/** Longer than a record ever is: passed over. */
const MAX_LINE_BYTES = 128 * 1024 * 1024;
const LINE_END = 0x0a;

/** Cuts bytes that come in pieces into lines. */
export class Lines {
  /** Of the line that is not whole yet. */
  #pieces: Buffer[] = [];
  #bytes = 0;
  /** Lines that were too long to be kept. */
  tooLong = 0;

  /** The lines that end in this piece. */
  *take(piece: Buffer): Generator<string> {
    let begin = 0;
    for (let end = piece.indexOf(LINE_END); end !== -1; end = piece.indexOf(LINE_END, begin)) {
      const line = this.#whole(piece.subarray(begin, end));
      begin = end + 1;
      if (line !== undefined) yield line;
    }
    if (begin < piece.length) this.#keep(piece.subarray(begin));
  }

  /** What stands behind the last line end; undefined: nothing. */
  rest(): string | undefined {
    return this.#bytes === 0 ? undefined : this.#whole(Buffer.alloc(0));
  }

  #whole(end: Buffer): string | undefined {
    this.#keep(end);
    const [pieces, bytes] = [this.#pieces, this.#bytes];
    this.#pieces = [];
    this.#bytes = 0;
    if (bytes > MAX_LINE_BYTES) {
      this.tooLong++;
      return undefined;
    }
    return (pieces.length === 1 ? pieces[0] : Buffer.concat(pieces))?.toString("utf8");
  }

  #keep(piece: Buffer): void {
    this.#bytes += piece.length;
    if (this.#bytes > MAX_LINE_BYTES) this.#pieces = [];
    else this.#pieces.push(piece);
  }
}
