import { closeSync, constants, fchmodSync, mkdirSync, openSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StatsReader } from "../rollup/stats.ts";
import { IndexWriter } from "./index-writer.ts";
import { Lister } from "./list.ts";
import { prepareWrite } from "./prepare-write.ts";
import { createSchema, SCHEMA_VERSION, schemaVersion, setUp, setUpReader } from "./schema.ts";

const IN_MEMORY = ":memory:";
/** How long to wait for another program that holds the index. */
const BUSY_MS = 1_000;

/** An open index, with what reads and writes it. */
export class OpenIndex {
  readonly db: DatabaseSync;
  /** Cannot write, unless the index is in memory. */
  readonly reader: DatabaseSync;
  readonly writer: IndexWriter;
  readonly lister: Lister;
  readonly stats: StatsReader;
  readonly #path: string;
  readonly #ino: number | undefined;
  #inTransaction = false;

  private constructor(path: string, db: DatabaseSync, reader: DatabaseSync, ino: number | undefined) {
    this.#path = path;
    this.#ino = ino;
    this.db = db;
    this.reader = reader;
    this.writer = new IndexWriter(db);
    this.lister = new Lister(reader);
    this.stats = new StatsReader(reader);
  }

  static inMemory(): OpenIndex {
    const db = new DatabaseSync(IN_MEMORY);
    setUp(db);
    createSchema(db);
    // Nobody else could open it.
    return new OpenIndex(IN_MEMORY, db, db, undefined);
  }

  /** Makes it where there is none, or one of another version. For its owner only: it holds the beginnings of prompts. */
  static at(path: string): OpenIndex {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    makePrivate(path);
    const { ino } = statSync(path);
    const db = new DatabaseSync(path, { timeout: BUSY_MS });
    try {
      setUp(db);
      if (schemaVersion(db) === 0) makeOnce(db);
      if (schemaVersion(db) === SCHEMA_VERSION) return new OpenIndex(path, db, openReader(path), ino);
    } catch (error) {
      db.close();
      throw error;
    }
    db.close();
    removeIndex(path);
    return OpenIndex.at(path);
  }

  get exchanges(): number {
    return Number(this.db.prepare("SELECT exchanges FROM count").get()?.["exchanges"] ?? 0);
  }

  /** Another process makes it anew: until then it is left to that one. */
  isHeld(nowMs: number): boolean {
    return Number(this.db.prepare("SELECT held_until FROM count").get()?.["held_until"] ?? 0) > nowMs;
  }

  /** To be called in a transaction; 0: it is let go. */
  hold(untilMs: number): void {
    prepareWrite(this.db, "UPDATE count SET held_until = ?").run(untilMs);
  }

  get inTransaction(): boolean {
    return this.#inTransaction;
  }

  /** False: it was deleted, or another is there in its place. */
  get isInPlace(): boolean {
    return this.#ino === undefined || statSync(this.#path, { throwIfNoEntry: false })?.ino === this.#ino;
  }

  begin(): void {
    this.writer.reset();
    this.db.exec("BEGIN IMMEDIATE");
    this.#inTransaction = true;
  }

  commit(nowMs: number): void {
    this.writer.flush(nowMs);
    this.db.exec("COMMIT");
    this.#inTransaction = false;
  }

  /** Nothing of the transaction was, if there is one. */
  rollback(): void {
    this.writer.reset();
    this.#inTransaction = false;
    // SQLite may have rolled back by itself.
    if (this.db.isTransaction) this.db.exec("ROLLBACK");
  }

  close(): void {
    if (this.reader !== this.db) this.reader.close();
    this.db.close();
  }
}

/** What answers questions cannot write, whatever it is asked. */
function openReader(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: BUSY_MS, readOnly: true });
  setUpReader(db);
  return db;
}

/** Links are not followed, or whoever can put one there chooses which file is overwritten. SQLite gives its other files the same mode. */
function makePrivate(path: string): void {
  const file = openSync(path, constants.O_RDWR | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0), 0o600);
  try {
    fchmodSync(file, 0o600);
  } finally {
    closeSync(file);
  }
}

/** Another process may make it at the same time. */
function makeOnce(db: DatabaseSync): void {
  db.exec("BEGIN IMMEDIATE");
  if (schemaVersion(db) === 0) createSchema(db);
  db.exec("COMMIT");
}

/** It is made anew from the log. */
export function removeIndex(path: string): void {
  for (const suffix of ["", "-wal", "-shm"]) rmSync(path + suffix, { force: true });
}
