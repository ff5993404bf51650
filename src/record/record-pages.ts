/** Records that go to the file together. */
export interface Page {
  /** Whole lines. */
  readonly bytes: Buffer;
  /** Where each record's line end is. */
  readonly ends: readonly number[];
}

class OpenPage implements Page {
  readonly room: Buffer;
  ends: number[] = [];
  used = 0;
  /** So much of it is in the file. */
  begun = 0;

  constructor(size: number) {
    this.room = Buffer.allocUnsafeSlow(size);
  }

  get bytes(): Buffer {
    return this.room.subarray(this.begun, this.used);
  }
}

const PAGE_BYTES = 1024 * 1024;
/** Pages that are kept to be written to again: memory that is new has to be brought in by the kernel, which takes longer than writing to it. */
const MAX_SPARE = 2;
/** Bytes that a UTF-16 code unit takes in UTF-8, at most. */
const MAX_UNIT_BYTES = 3;
const LINE_END = 0x0a;

/**
 * What waits for the file, as the bytes that will stand there: a record is written right behind the one before it, without a buffer of its
 * own, which took ten times as long at 60 KB.
 */
export class RecordPages {
  readonly #pages: OpenPage[] = [];
  readonly #spare: OpenPage[] = [];
  /** Records that wait. */
  count = 0;
  /** Their bytes. */
  bytes = 0;

  /** The pieces of one line, without its end. */
  add(pieces: readonly string[]): void {
    const page = this.#pageFor(pieces);
    const begin = page.used;
    for (const piece of pieces) page.used += page.room.write(piece, page.used);
    page.ends.push(page.used);
    page.room[page.used++] = LINE_END;
    this.count++;
    this.bytes += page.used - begin;
  }

  /** There is enough for a write. */
  get isFull(): boolean {
    return this.#pages.length > 1;
  }

  /** What is to be written next; what comes from now on does not change it. Undefined: nothing waits. */
  first(): Page | undefined {
    const page = this.#pages[0];
    if (!page || page.ends.length === 0) return undefined;
    const { bytes, begun } = page;
    return { bytes, ends: page.ends.map((end) => end - begun) };
  }

  /** So many records of the first page are in the file; their line ends may be missing. */
  drop(records: number): void {
    const page = this.#pages[0];
    const end = page?.ends[records - 1];
    if (!page || end === undefined) return;
    this.count -= records;
    this.bytes -= end + 1 - page.begun;
    page.begun = end + 1;
    page.ends.splice(0, records);
    if (page.ends.length > 0) return;
    this.#pages.shift();
    if (page.room.length === PAGE_BYTES && this.#spare.length < MAX_SPARE) this.#spare.push(page);
    page.begun = 0;
    page.used = 0;
  }

  clear(): void {
    this.#pages.length = 0;
    this.count = 0;
    this.bytes = 0;
  }

  #pageFor(pieces: readonly string[]): OpenPage {
    const last = this.#pages.at(-1);
    const left = last ? last.room.length - last.used - 1 : -1;
    const most = pieces.reduce((units, piece) => units + piece.length, 0) * MAX_UNIT_BYTES;
    // Counting the bytes is worth it only where they may not fit.
    if (last && (most <= left || byteLength(pieces) <= left)) return last;
    const isLarge = most >= PAGE_BYTES;
    const page = isLarge ? new OpenPage(byteLength(pieces) + 1) : (this.#spare.pop() ?? new OpenPage(PAGE_BYTES));
    this.#pages.push(page);
    return page;
  }
}

function byteLength(pieces: readonly string[]): number {
  return pieces.reduce((bytes, piece) => bytes + Buffer.byteLength(piece), 0);
}
