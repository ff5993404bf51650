import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { ExchangeRow } from "../../api/exchanges.ts";
import { Rollups } from "../rollup/rollups.ts";
import { INSERT, idKey, type Place, placeOf, valuesOf } from "./columns.ts";
import { prepareWrite } from "./prepare-write.ts";
import { SeqNumbers } from "./seq.ts";
import { facetWords, searchWords } from "./words.ts";

/** Words whose beginnings are found; further ones are found only whole. */
const MAX_WORDS = 200_000;

/** Writes rows, search words and sums, all in the caller's transaction. */
export class IndexWriter {
  readonly #rollups: Rollups;
  readonly #seqs: SeqNumbers;
  readonly #words = new Map<string, number>();
  readonly #insert: StatementSync;
  readonly #search: StatementSync;
  readonly #find: StatementSync;
  readonly #move: StatementSync;
  readonly #countWord: StatementSync;
  readonly #addWord: StatementSync;
  readonly #readCount: StatementSync;
  readonly #writeCount: StatementSync;
  readonly #deleteRow: StatementSync;
  readonly #deleteSearch: StatementSync;
  #added = 0;

  constructor(db: DatabaseSync) {
    this.#rollups = new Rollups(db);
    this.#seqs = new SeqNumbers(db);
    this.#insert = prepareWrite(db, INSERT);
    this.#search = prepareWrite(db, "INSERT INTO search (rowid, words) VALUES (?, ?)");
    this.#find = db.prepare("SELECT seq, file, offset, length FROM exchange WHERE id_key = ? AND id = ?");
    this.#move = prepareWrite(db, "UPDATE exchange SET file = ?, offset = ?, length = ? WHERE seq = ?");
    this.#countWord = prepareWrite(db, "UPDATE word SET rows = rows + ? WHERE word = ?");
    this.#addWord = prepareWrite(db, "INSERT INTO word (word, rows) VALUES (?, ?)");
    this.#readCount = db.prepare("SELECT exchanges, words FROM count");
    this.#writeCount = prepareWrite(db, "UPDATE count SET exchanges = exchanges + ?, words = ?");
    this.#deleteRow = prepareWrite(db, "DELETE FROM exchange WHERE seq = ?");
    this.#deleteSearch = prepareWrite(db, "DELETE FROM search WHERE rowid = ?");
  }

  /** Its number. A row that is there already (the file was copied, or is read again) only gets its new place. */
  add(row: ExchangeRow, place: Place, nowMs: number): number {
    const known = this.#find.get(idKey(row.id), row.id);
    if (known) {
      const { file, offset } = placeOf(known);
      const seq = Number(known["seq"]);
      if (file !== place.file || offset !== place.offset) this.#move.run(place.file, place.offset, place.length, seq);
      return seq;
    }
    const seq = this.#seqs.next(row.ts_ms);
    this.#insert.run(...valuesOf(seq, row, place));
    const words = searchWords(row);
    this.#search.run(seq, [...words, ...facetWords(row)].join(" "));
    for (const word of words) if (word.length > 1) this.#words.set(word, (this.#words.get(word) ?? 0) + 1);
    this.#rollups.add(row, nowMs);
    this.#added++;
    return seq;
  }

  /** Counts a row that is there once more, after its steps were thrown away. */
  recount(row: ExchangeRow, nowMs: number): void {
    this.#rollups.add(row, nowMs);
  }

  delete(seq: number): void {
    this.#added -= Number(this.#deleteRow.run(seq).changes);
    this.#deleteSearch.run(seq);
  }

  /** Before the transaction is committed: writes what is summed up. */
  flush(nowMs: number): void {
    this.#rollups.flush();
    this.#rollups.forget(nowMs);
    this.#flushWords();
    this.#added = 0;
  }

  /** Another transaction begins, or this one is not to be. */
  reset(): void {
    this.#rollups.reset();
    this.#seqs.reset();
    this.#words.clear();
    this.#added = 0;
  }

  #flushWords(): void {
    let words = Number(this.#readCount.get()?.["words"] ?? 0);
    for (const [word, rows] of this.#words) {
      if (this.#countWord.run(rows, word).changes > 0 || words >= MAX_WORDS) continue;
      this.#addWord.run(word, rows);
      words++;
    }
    this.#words.clear();
    this.#writeCount.run(this.#added, words);
  }
}
