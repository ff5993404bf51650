import { type Stats, statSync } from "node:fs";
import { rowOfColumns } from "../index/columns.ts";
import type { OpenIndex } from "../index/open-index.ts";
import { rowOfLine } from "../index/record-row.ts";
import { msOf, seqRange } from "../index/seq.ts";
import { COARSEST_MS } from "../rollup/levels.ts";
import { LineReader } from "./line-reader.ts";
import { type KnownFile, LogFiles } from "./log-files.ts";
import type { LogNames } from "./log-names.ts";

/** A transaction ends after so many rows, or so long. */
const BATCH_ROWS = 4_000;
const BATCH_MS = 500;
/** All files are looked at so often; the one that is written to every time. */
const FULL_LOOK_MS = 10_000;
/** A file that is gone may be on its way to another name. */
const GONE_MS = 3_000;
/** Rows worked on between two questions. */
const SOME_ROWS = 200;

/**
 * Keeps an index up to its log. Work is done in pieces: each `yield` is a place to answer a question at. Whoever stops in
 * between, by an error, has to roll back.
 */
export class LogFollower {
  readonly #names: LogNames;
  readonly #index: OpenIndex;
  readonly #files: LogFiles;
  readonly #nowMs: () => number;
  #current: (KnownFile & { size: number }) | undefined;
  #nextFullLook = 0;
  readonly #goneSince = new Map<number, number>();
  #rows = 0;
  #began = 0;

  constructor(names: LogNames, index: OpenIndex, nowMs: () => number = Date.now) {
    this.#names = names;
    this.#index = index;
    this.#files = new LogFiles(names, index.db);
    this.#nowMs = nowMs;
  }

  /** All that is in the log now is in the index when it ends. */
  *pass(): Generator<void> {
    const grown = this.#grownCurrent();
    if (grown) yield* this.#read(grown);
    if (this.#nowMs() >= this.#nextFullLook) yield* this.#lookAtAll();
    if (this.#index.inTransaction) this.#index.commit(this.#nowMs());
  }

  /** Where a file the index knows is now. */
  pathOf(file: number): string | undefined {
    const name = this.#files.nameOf(file);
    return name === undefined ? undefined : this.#files.pathOf(name);
  }

  /** The file that is written to, when it is the one of the last time and there is more in it. Anything else asks for a full look. */
  #grownCurrent(): (KnownFile & { size: number }) | undefined {
    const stats: Stats | undefined = statSync(this.#files.pathOf(this.#names.current), { throwIfNoEntry: false });
    const known = this.#current;
    if (!known || stats?.ino !== known.ino || stats.size < known.size) {
      if (known || stats) this.#nextFullLook = 0;
      return undefined;
    }
    const grown = stats.size > known.size;
    known.size = stats.size;
    return grown ? known : undefined;
  }

  *#lookAtAll(): Generator<void> {
    this.#begin();
    const { present, absent } = this.#files.match();
    this.#current = present.find(({ name }) => name === this.#names.current);
    for (const file of present) {
      this.#goneSince.delete(file.id);
      if (file.size > file.indexed) yield* this.#read(file);
    }
    for (const file of absent) yield* this.#gone(file);
    this.#nextFullLook = this.#nowMs() + (this.#goneSince.size > 0 ? GONE_MS : FULL_LOOK_MS);
  }

  *#read(file: KnownFile): Generator<void> {
    this.#begin();
    let reader = this.#readerOf(file);
    let seqs: number[] = [];
    try {
      for (let line = reader.next(); line !== undefined; line = reader.next()) {
        const row = rowOfLine(line.text);
        if (row) seqs.push(this.#index.writer.add(row, { ...line, file: file.id }, this.#nowMs()));
        this.#rows++;
        yield;
        if (!this.#isFull()) continue;
        this.#files.advance(file.id, reader.offset, seqs);
        file.indexed = reader.offset;
        seqs = [];
        this.#index.commit(this.#nowMs());
        this.#begin();
        // Another process may have gone on meanwhile.
        if (this.#files.indexedOf(file.id) === reader.offset) continue;
        reader.close();
        reader = this.#readerOf(file);
      }
      this.#files.advance(file.id, reader.offset, seqs);
      file.indexed = reader.offset;
    } finally {
      reader.close();
    }
  }

  #readerOf(file: KnownFile): LineReader {
    return new LineReader(this.#files.pathOf(file.name), this.#files.indexedOf(file.id) ?? 0);
  }

  /** What its owner deleted is not to be found here either. */
  *#gone(file: KnownFile): Generator<void> {
    const since = this.#goneSince.get(file.id) ?? this.#nowMs();
    this.#goneSince.set(file.id, since);
    if (this.#nowMs() - since < GONE_MS) return;
    this.#goneSince.delete(file.id);
    this.#begin();
    this.#files.remove(file.id);
    if (file.firstSeq !== null && file.lastSeq !== null) yield* this.#deleteRows(file.id, file.firstSeq, file.lastSeq);
  }

  /** Sums cannot be taken apart: those of the time it covers are made anew of what is left. In one transaction, or sums and rows differ. */
  *#deleteRows(file: number, firstSeq: number, lastSeq: number): Generator<void> {
    const { db, writer } = this.#index;
    writer.flush(this.#nowMs());
    const next = db.prepare(`SELECT seq FROM exchange WHERE seq BETWEEN ? AND ? AND file = ? LIMIT ${SOME_ROWS}`);
    for (
      let from = firstSeq, seqs = next.all(from, lastSeq, file);
      seqs.length > 0;
      seqs = next.all(from, lastSeq, file)
    ) {
      for (const { seq } of seqs) writer.delete(Number(seq));
      from = Number(seqs.at(-1)?.["seq"]) + 1;
      yield;
    }
    const sinceMs = Math.floor(msOf(firstSeq) / COARSEST_MS) * COARSEST_MS;
    const untilMs = Math.floor(msOf(lastSeq) / COARSEST_MS + 1) * COARSEST_MS;
    db.prepare("DELETE FROM rollup WHERE ts_ms >= ? AND ts_ms < ?").run(sinceMs, untilMs);
    yield* this.#recount(sinceMs, untilMs);
  }

  *#recount(sinceMs: number, untilMs: number): Generator<void> {
    const { db, writer } = this.#index;
    const { from, to } = seqRange(sinceMs, untilMs);
    const next = db.prepare(`SELECT * FROM exchange WHERE seq >= ? AND seq < ? ORDER BY seq LIMIT ${SOME_ROWS}`);
    for (let begin = from, rows = next.all(begin, to); rows.length > 0; rows = next.all(begin, to)) {
      for (const row of rows.map(rowOfColumns)) {
        if (row.ts_ms >= sinceMs && row.ts_ms < untilMs) writer.recount(row, this.#nowMs());
      }
      begin = Number(rows.at(-1)?.["seq"]) + 1;
      yield;
    }
  }

  #begin(): void {
    if (this.#index.inTransaction) return;
    this.#index.begin();
    this.#rows = 0;
    this.#began = performance.now();
  }

  #isFull(): boolean {
    return this.#rows >= BATCH_ROWS || performance.now() - this.#began >= BATCH_MS;
  }
}
