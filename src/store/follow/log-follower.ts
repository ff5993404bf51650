import { type Stats, statSync } from "node:fs";
import type { LogNames } from "../../record/log-names.ts";
import { rowOfColumns } from "../index/columns.ts";
import type { OpenIndex } from "../index/open-index.ts";
import { prepareWrite } from "../index/prepare-write.ts";
import { rowOfBytes } from "../index/record-row.ts";
import { msOf, seqRange } from "../index/seq.ts";
import { COARSEST_MS } from "../rollup/levels.ts";
import { type Line, LineReader } from "./line-reader.ts";
import { type KnownFile, LogFiles } from "./log-files.ts";

/** A transaction ends after so many rows, or so long. */
const BATCH_ROWS = 4_000;
const BATCH_MS = 500;
/** All files are looked at so often; the one that is written to every time. */
const FULL_LOOK_MS = 10_000;
/** A file that is gone may be on its way to another name. */
const GONE_MS = 3_000;
/** Rows worked on between two questions. */
const SOME_ROWS = 200;

/** What was read of a file in one go. */
export interface FileRead {
  name: string;
  bytes: number;
  lines: number;
  exchanges: number;
}

export interface FollowerOptions {
  nowMs?: () => number;
  told?: (file: FileRead) => void;
}

/**
 * Keeps an index up to its log. Work is done in pieces: each `yield` is a place to answer a question at. Whoever stops in
 * between, by an error, has to roll back.
 */
export class LogFollower {
  readonly #names: LogNames;
  readonly #index: OpenIndex;
  readonly #files: LogFiles;
  readonly #nowMs: () => number;
  readonly #told: (file: FileRead) => void;
  #current: (KnownFile & { size: number }) | undefined;
  #nextFullLook = 0;
  readonly #goneSince = new Map<number, number>();
  /** Of the transaction under way. */
  #rows = 0;
  #began = 0;
  #seqs: number[] = [];

  constructor(names: LogNames, index: OpenIndex, { nowMs = Date.now, told = () => undefined }: FollowerOptions = {}) {
    this.#names = names;
    this.#index = index;
    this.#files = new LogFiles(names, index.db);
    this.#nowMs = nowMs;
    this.#told = told;
  }

  /** All that is in the log now is in the index when it ends. */
  *pass(): Generator<void> {
    const grown = this.#grownCurrent();
    if (grown) {
      this.#begin();
      if (this.#files.indexedOf(grown.id) === undefined) this.#nextFullLook = 0;
      else yield* this.#read(grown);
    }
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
    const read: FileRead = { name: file.name, bytes: -reader.offset, lines: 0, exchanges: 0 };
    try {
      for (let line = reader.next(); line !== undefined; line = reader.next()) {
        read.lines++;
        if (this.#add(line, file.id)) read.exchanges++;
        yield;
        if (!this.#isFull()) continue;
        this.#advance(file, reader.offset);
        this.#index.commit(this.#nowMs());
        yield;
        this.#begin();
        // Another process may have gone on meanwhile, or made all of it anew.
        const indexed = this.#files.indexedOf(file.id);
        if (indexed === reader.offset) continue;
        reader.close();
        reader = this.#readerOf(file);
        if (indexed === undefined) return this.#lookAgain();
      }
      this.#advance(file, reader.offset);
      this.#told({ ...read, bytes: read.bytes + reader.offset });
    } finally {
      reader.close();
    }
  }

  #add({ bytes, offset }: Line, file: number): boolean {
    const row = rowOfBytes(bytes);
    this.#rows++;
    if (!row) return false;
    this.#seqs.push(this.#index.writer.add(row, { file, offset, length: bytes.length }, this.#nowMs()));
    return true;
  }

  #advance(file: KnownFile, offset: number): void {
    this.#files.advance(file.id, offset, this.#seqs);
    file.indexed = offset;
    this.#seqs = [];
  }

  #lookAgain(): void {
    this.#current = undefined;
    this.#nextFullLook = 0;
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
    this.#files.remove(file);
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
    prepareWrite(db, "DELETE FROM rollup WHERE ts_ms >= ? AND ts_ms < ?").run(sinceMs, untilMs);
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
    this.#seqs = [];
    this.#began = performance.now();
  }

  #isFull(): boolean {
    return this.#rows >= BATCH_ROWS || performance.now() - this.#began >= BATCH_MS;
  }
}
