import { createHash, randomInt } from "node:crypto";
import { closeSync, openSync, readdirSync, readSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { LogNames } from "../../record/log-names.ts";
import { prepareWrite } from "../index/prepare-write.ts";

/** A file of the log, as the index knows it. */
export interface KnownFile {
  id: number;
  name: string;
  ino: number;
  head: string;
  headBytes: number;
  /** What is before this offset is in the index. */
  indexed: number;
  firstSeq: number | null;
  lastSeq: number | null;
}

/** A file that is there. */
interface Found {
  name: string;
  ino: number;
  size: number;
  mtimeMs: number;
}

/** Files are told apart by how they begin: names, numbers and places change, and the first record has an id of its own. */
const HEAD_BYTES = 512;

/** Which files there are, which of them the index knows, under whatever name, and how far it has read them. */
export class LogFiles {
  readonly #names: LogNames;
  readonly #all: StatementSync;
  readonly #insert: StatementSync;
  readonly #rename: StatementSync;
  readonly #progress: StatementSync;
  readonly #remove: StatementSync;
  readonly #again: StatementSync;
  readonly #one: StatementSync;

  constructor(names: LogNames, db: DatabaseSync) {
    this.#names = names;
    this.#all = db.prepare("SELECT * FROM file");
    this.#one = db.prepare("SELECT * FROM file WHERE id = ?");
    this.#insert = prepareWrite(
      db,
      "INSERT INTO file (id, name, ino, head, head_bytes, indexed) VALUES (?, ?, ?, ?, ?, 0)",
    );
    this.#rename = prepareWrite(db, "UPDATE file SET name = ?, ino = ?, indexed = ? WHERE id = ?");
    this.#progress = prepareWrite(
      db,
      // No numbered parameters (?2): the SQLite of Node 22 takes them for named ones. Of no rows min and max make null.
      `UPDATE file SET indexed = ?, first_seq = ifnull(min(ifnull(first_seq, ?), ?), first_seq),
       last_seq = ifnull(max(ifnull(last_seq, ?), ?), last_seq) WHERE id = ?`,
    );
    this.#again = prepareWrite(db, "UPDATE file SET indexed = 0 WHERE head = ?");
    this.#remove = prepareWrite(db, "DELETE FROM file WHERE id = ?");
  }

  /** The files that are there, oldest first, as the index knows them from now on; and those it knows that are not there. */
  match(): { present: (KnownFile & { size: number })[]; absent: KnownFile[] } {
    const unclaimed = new Map(this.#known().map((file) => [file.id, file]));
    const found = this.#found();
    const claimed = new Map<Found, KnownFile>();
    // Those in their old place first: others that begin alike are copies.
    for (const inPlace of [true, false]) {
      for (const file of found) {
        const known = claimed.has(file) ? undefined : this.#claim(file, unclaimed, inPlace);
        if (!known) continue;
        claimed.set(file, known);
        unclaimed.delete(known.id);
      }
    }
    const present = found.flatMap((file) => {
      const known = claimed.get(file) ?? this.#register(file);
      return known ? [{ ...known, size: file.size }] : [];
    });
    return { present, absent: [...unclaimed.values()] };
  }

  /** As others may have left it. */
  indexedOf(id: number): number | undefined {
    const indexed = this.#one.get(id)?.["indexed"];
    return typeof indexed === "number" ? indexed : undefined;
  }

  nameOf(id: number): string | undefined {
    const name = this.#one.get(id)?.["name"];
    return typeof name === "string" ? name : undefined;
  }

  /** So far it is in the index now; the numbers of the rows that were added. */
  advance(id: number, indexed: number, seqs: readonly number[]): void {
    const first = seqs.length === 0 ? null : Math.min(...seqs);
    const last = seqs.length === 0 ? null : Math.max(...seqs);
    this.#progress.run(indexed, first, first, last, last, id);
  }

  /** Its copies, if there are any, are read again: what is in them was counted as its own, or the other way round. */
  remove({ id, head }: KnownFile): void {
    this.#remove.run(id);
    this.#again.run(head);
  }

  pathOf(name: string): string {
    return join(this.#names.folder, name);
  }

  #known(): KnownFile[] {
    return this.#all.all().map((columns) => ({
      id: Number(columns["id"]),
      name: String(columns["name"]),
      ino: Number(columns["ino"]),
      head: String(columns["head"]),
      headBytes: Number(columns["head_bytes"]),
      indexed: Number(columns["indexed"]),
      firstSeq: columns["first_seq"] === null ? null : Number(columns["first_seq"]),
      lastSeq: columns["last_seq"] === null ? null : Number(columns["last_seq"]),
    }));
  }

  #found(): Found[] {
    const { current, isRotated, isForeign, folder } = this.#names;
    const names = readdirSync(folder).filter((name) => name === current || isRotated(name) || isForeign(name));
    const found = names.flatMap((name) => {
      const stats: Stats | undefined = statSync(this.pathOf(name), { throwIfNoEntry: false });
      return stats?.isFile() ? [{ name, ino: stats.ino, size: stats.size, mtimeMs: stats.mtimeMs }] : [];
    });
    // What is written to now comes last, whatever the clock says.
    return found.sort((a, b) => Number(a.name === current) - Number(b.name === current) || a.mtimeMs - b.mtimeMs);
  }

  /** The one that begins as this file does. */
  #claim(found: Found, unclaimed: ReadonlyMap<number, KnownFile>, inPlace: boolean): KnownFile | undefined {
    const known = [...unclaimed.values()].find(
      ({ ino, head, headBytes }) =>
        (ino === found.ino || !inPlace) && headBytes <= found.size && head === hashOf(this.#headOf(found, headBytes)),
    );
    if (!known) return undefined;
    // Cut short: what is in it now may be anything.
    const indexed = known.indexed > found.size ? 0 : known.indexed;
    if (known.name !== found.name || known.ino !== found.ino || known.indexed !== indexed) {
      this.#rename.run(found.name, found.ino, indexed, known.id);
    }
    return { ...known, name: found.name, ino: found.ino, indexed };
  }

  /** Undefined: there is no line in it yet. */
  #register(found: Found): KnownFile | undefined {
    const bytes = this.#headOf(found, HEAD_BYTES);
    const lineEnd = bytes.indexOf(0x0a);
    if (lineEnd === -1 && bytes.length < HEAD_BYTES) return undefined;
    const headBytes = lineEnd === -1 ? bytes.length : lineEnd + 1;
    const head = hashOf(bytes.subarray(0, headBytes));
    const { name, ino } = found;
    // Never given twice, also when all is made anew: others may still have the old one in mind.
    const id = randomInt(2 ** 47);
    this.#insert.run(id, name, ino, head, headBytes);
    return { id, name, ino, head, headBytes, indexed: 0, firstSeq: null, lastSeq: null };
  }

  #headOf({ name }: Found, length: number): Buffer {
    return readBytes(this.pathOf(name), 0, length);
  }
}

function hashOf(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Fewer where the file ends. */
export function readBytes(path: string, offset: number, length: number): Buffer {
  const file = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(length);
    let at = 0;
    while (at < length) {
      const read = readSync(file, bytes, at, length - at, offset + at);
      if (read === 0) break;
      at += read;
    }
    return bytes.subarray(0, at);
  } finally {
    closeSync(file);
  }
}
