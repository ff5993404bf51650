import type { StatementSync } from "node:sqlite";
import type { OpenIndex } from "./index/open-index.ts";
import { prepareWrite } from "./index/prepare-write.ts";
import { rowOfLine } from "./index/record-row.ts";

/** What is kept at most: exchanges, and characters of their records. */
const MAX_EXCHANGES = 10_000;
const MAX_CHARS = 64 * 1024 * 1024;
const SOME_ROWS = 100;

/** The log of a router that writes none: the latest records, in the index itself, which is in memory too. */
export class MemoryLog {
  readonly #index: OpenIndex;
  readonly #insert: StatementSync;
  readonly #oldest: StatementSync;
  readonly #delete: StatementSync;
  readonly #find: StatementSync;
  #exchanges = 0;
  #chars = 0;

  constructor(index: OpenIndex) {
    this.#index = index;
    this.#insert = prepareWrite(index.db, "INSERT OR REPLACE INTO line (seq, json) VALUES (?, ?)");
    this.#oldest = index.db.prepare("SELECT seq, length(json) AS chars FROM line ORDER BY seq LIMIT ?");
    this.#delete = prepareWrite(index.db, "DELETE FROM line WHERE seq = ?");
    this.#find = index.db.prepare("SELECT json FROM line WHERE seq = ?");
  }

  /** They are in the index when it ends. */
  *pass(lines: readonly string[]): Generator<void> {
    if (lines.length === 0) return;
    this.#index.begin();
    for (const line of lines) {
      this.#add(line);
      yield;
    }
    this.#trim();
    this.#index.commit(Date.now());
  }

  lineOf(seq: number): string | undefined {
    const json = this.#find.get(seq)?.["json"];
    return typeof json === "string" ? json : undefined;
  }

  #add(line: string): void {
    const row = rowOfLine(line);
    if (!row) return;
    const seq = this.#index.writer.add(row, { file: 0, offset: 0, length: line.length }, Date.now());
    this.#insert.run(seq, line);
    this.#exchanges++;
    this.#chars += line.length;
  }

  #trim(): void {
    while (this.#exchanges > MAX_EXCHANGES || this.#chars > MAX_CHARS) {
      const excess = Math.max(1, Math.min(SOME_ROWS, this.#exchanges - MAX_EXCHANGES));
      const oldest = this.#oldest.all(excess);
      if (oldest.length === 0) return;
      for (const { seq, chars } of oldest) {
        this.#delete.run(Number(seq));
        this.#index.writer.delete(Number(seq));
        this.#exchanges--;
        this.#chars -= Number(chars);
      }
    }
  }
}
