import { closeSync, openSync, readSync } from "node:fs";

const CHUNK_BYTES = 1024 * 1024;
/** Longer than a record ever is: passed over. */
const MAX_LINE_BYTES = 128 * 1024 * 1024;
const LINE_END = 0x0a;

export interface Line {
  /** Without the line end; until the next one is read. */
  bytes: Buffer;
  offset: number;
}

/** Reads the whole lines of a file, from an offset on; what has no line end yet is left for the next time. */
export class LineReader {
  readonly #file: number;
  #buffer = Buffer.alloc(CHUNK_BYTES);
  /** Of the buffer: where the next line begins, and where what was read ends. */
  #begin = 0;
  #end = 0;
  /** In the file, of the buffer's begin. */
  #base: number;
  #tooLong = false;

  constructor(path: string, offset: number) {
    this.#file = openSync(path, "r");
    this.#base = offset;
  }

  /** Behind the last whole line that was read. */
  get offset(): number {
    return this.#base + this.#begin;
  }

  next(): Line | undefined {
    let searched = this.#begin;
    for (;;) {
      const lineEnd = this.#buffer.subarray(0, this.#end).indexOf(LINE_END, searched);
      if (lineEnd !== -1) {
        const begin = this.#begin;
        this.#begin = lineEnd + 1;
        if (this.#tooLong) {
          this.#tooLong = false;
          searched = this.#begin;
          continue;
        }
        return { bytes: this.#buffer.subarray(begin, lineEnd), offset: this.#base + begin };
      }
      searched = this.#end - this.#begin;
      if (!this.#readMore()) return undefined;
      if (this.#tooLong) searched = 0;
    }
  }

  close(): void {
    closeSync(this.#file);
  }

  /** False: the file has no more. What is not read yet is at the buffer's begin then. */
  #readMore(): boolean {
    this.#buffer.copy(this.#buffer, 0, this.#begin, this.#end);
    this.#base += this.#begin;
    this.#end -= this.#begin;
    this.#begin = 0;
    if (this.#end === this.#buffer.length) this.#makeRoom();
    const read = readSync(this.#file, this.#buffer, this.#end, this.#buffer.length - this.#end, this.#base + this.#end);
    this.#end += read;
    return read > 0;
  }

  #makeRoom(): void {
    if (this.#buffer.length < MAX_LINE_BYTES) {
      const larger = Buffer.alloc(this.#buffer.length * 2);
      this.#buffer.copy(larger);
      this.#buffer = larger;
      return;
    }
    this.#tooLong = true;
    this.#base += this.#end;
    this.#end = 0;
  }
}
