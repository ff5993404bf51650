import type { CompleteEvent, RouterEvent } from "../../../src/record/events.ts";
import { type LiveRow, rowAfter } from "../../../web/src/live/row.ts";

const MAX_ROWS = 1_000;
/** Of whole records, for the details of exchanges the router does not keep: characters of text, about. */
const MAX_RECORD_CHARS = 4_000_000;

/** The exchanges the feed told of, in the order in which they began. Bounded. Rows are never changed in place. */
export class Book {
  /** By id, oldest first. */
  readonly #rows = new Map<string, LiveRow>();
  readonly #records = new Map<string, { record: CompleteEvent; chars: number }>();
  #recordChars = 0;
  #view: readonly LiveRow[] | undefined;
  /** That began since it was opened, those no longer kept included. */
  started = 0;

  /** Newest first: the same array until something happens. */
  get rows(): readonly LiveRow[] {
    this.#view ??= [...this.#rows.values()].reverse();
    return this.#view;
  }

  find(id: string): LiveRow | undefined {
    return this.#rows.get(id);
  }

  /** Its `complete` event, of the latest. */
  record(id: string): CompleteEvent | undefined {
    return this.#records.get(id)?.record;
  }

  /** Puts in what happened before, oldest first; before any event. */
  fill(rows: readonly LiveRow[]): void {
    const known = [...this.#rows];
    this.#rows.clear();
    for (const row of rows) this.#rows.set(row.id, row);
    for (const [id, row] of known) this.#rows.set(id, row);
    this.#trim();
  }

  take(event: Extract<RouterEvent, { id: string }>): void {
    const known = this.#rows.get(event.id);
    // What is told again after a broken connection: it is over, and its beginning must not reopen it.
    if (known?.endedMs !== undefined && event.type !== "complete") return;
    if (known === undefined) this.started++;
    this.#rows.set(event.id, rowAfter(known, event));
    if (event.type === "complete") this.#keep(event);
    this.#trim();
  }

  /** Events were lost: nobody knows how those under way ended. */
  forgetFlying(): void {
    for (const [id, row] of this.#rows) if (row.endedMs === undefined) this.#rows.delete(id);
    this.#view = undefined;
  }

  #trim(): void {
    this.#view = undefined;
    for (const id of this.#rows.keys()) {
      if (this.#rows.size <= MAX_ROWS) break;
      this.#rows.delete(id);
    }
  }

  #keep(record: CompleteEvent): void {
    const chars = charsOf(record);
    this.#records.set(record.id, { record, chars });
    this.#recordChars += chars;
    for (const [id, kept] of this.#records) {
      if (this.#recordChars <= MAX_RECORD_CHARS && this.#records.size <= MAX_ROWS) break;
      this.#records.delete(id);
      this.#recordChars -= kept.chars;
    }
  }
}

/** About as much as it holds in memory: each part counts for its text, and something besides. */
function charsOf({ system, messages, response }: CompleteEvent): number {
  let chars = 1_000 + (system?.length ?? 0) + (response?.content.length ?? 0);
  for (const { content } of messages) {
    for (const part of content) {
      const text = part["text"] ?? part["content"] ?? part["input"];
      chars += 200 + (typeof text === "string" ? text.length : text === undefined ? 0 : JSON.stringify(text).length);
    }
  }
  return chars;
}
