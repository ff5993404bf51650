import type { DatabaseSync, StatementSync } from "node:sqlite";

/** Rows of one millisecond that have numbers of their own; further ones take those of the next. */
const PER_MS = 64;
/** A row is numbered by its time, or up to so much later. */
const SLACK_MS = 1_000;

/** The numbers of rows that ended in a range of time (and of a few around it). */
export function seqRange(sinceMs: number, untilMs: number): { from: number; to: number } {
  return { from: Math.floor(sinceMs) * PER_MS, to: (Math.ceil(untilMs) + SLACK_MS) * PER_MS };
}

/** About when the row ended: up to `SLACK_MS` later than it says. */
export function msOf(seq: number): number {
  return Math.floor(seq / PER_MS);
}

/** Gives rows numbers that grow with the time at which they ended, whatever order they come in. */
export class SeqNumbers {
  readonly #last: StatementSync;
  readonly #lastBefore: StatementSync;
  #max: number | undefined;

  constructor(db: DatabaseSync) {
    this.#last = db.prepare("SELECT max(seq) AS seq FROM exchange");
    this.#lastBefore = db.prepare("SELECT max(seq) AS seq FROM exchange WHERE seq >= ? AND seq < ?");
  }

  /** To be called when others may have added rows. */
  reset(): void {
    this.#max = undefined;
  }

  next(tsMs: number): number {
    this.#max ??= Number(this.#last.get()?.["seq"] ?? 0);
    const wanted = Math.floor(tsMs) * PER_MS;
    const isNewest = this.#max < wanted + SLACK_MS * PER_MS;
    const seq = isNewest ? Math.max(wanted, this.#max + 1) : this.#within(wanted);
    this.#max = Math.max(this.#max, seq);
    return seq;
  }

  /** Among rows that are there already. */
  #within(wanted: number): number {
    const last = this.#lastBefore.get(wanted, wanted + SLACK_MS * PER_MS)?.["seq"];
    if (typeof last !== "number") return wanted;
    // All numbers of that second are taken: the end is as good a place as any.
    return last + 1 < wanted + SLACK_MS * PER_MS ? last + 1 : (this.#max ?? 0) + 1;
  }
}
