import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { ExchangePage, ExchangeQuery, ExchangeRow } from "../../api/exchanges.ts";
import { isError } from "../rollup/tally.ts";
import { type Columns, idKey, rowOfColumns } from "./columns.ts";
import { seqRange } from "./seq.ts";
import { facetsAsked, wordsOf } from "./words.ts";

/** After so long a search answers with what it has found, and where it was. */
const BUDGET_MS = 15;
/** The first piece of time that is searched has about so many rows; the next ones more or fewer, by how long it took. */
const FIRST_PIECE_ROWS = 4_000;
const SHORT_MS = 1;
const MEDIUM_MS = 3;
const LONG_MS = 6;
/** A beginning of a word is looked for as these, the most frequent first. */
const MAX_COMPLETIONS = 24;
const MAX_WORDS_LOOKED_AT = 2_000;
/** Further words of a search are not looked at. */
const MAX_TERMS = 12;

/** Lists exchanges, newest first. Each question looks at a bounded part of them. */
export class Lister {
  readonly #byId: StatementSync;
  readonly #bySeq: StatementSync;
  readonly #newest: StatementSync;
  readonly #range: StatementSync;
  readonly #search: StatementSync;
  readonly #bounds: StatementSync;
  readonly #completions: StatementSync;

  constructor(db: DatabaseSync) {
    this.#byId = db.prepare("SELECT * FROM exchange WHERE id_key = ? AND id = ?");
    this.#bySeq = db.prepare("SELECT * FROM exchange WHERE seq = ?");
    this.#newest = db.prepare("SELECT * FROM exchange WHERE seq >= ? AND seq < ? ORDER BY seq DESC LIMIT ?");
    this.#range = db.prepare("SELECT seq FROM exchange WHERE id_key >= ? AND id_key <= ? LIMIT ?");
    this.#search = db.prepare(
      "SELECT rowid AS seq FROM search WHERE search MATCH ? AND rowid >= ? AND rowid < ? ORDER BY rowid DESC LIMIT ?",
    );
    this.#bounds = db.prepare(
      "SELECT (SELECT min(seq) FROM exchange) AS first, (SELECT max(seq) FROM exchange) AS last, (SELECT exchanges FROM count) AS rows",
    );
    this.#completions = db.prepare(
      `SELECT word FROM (SELECT word, rows FROM word WHERE word >= ? AND word < ? LIMIT ${MAX_WORDS_LOOKED_AT})
       ORDER BY rows DESC LIMIT ${MAX_COMPLETIONS}`,
    );
  }

  /** Its row with file, offset and length. */
  find(id: string): Columns | undefined {
    return this.#byId.get(idKey(id), id);
  }

  exchanges(query: ExchangeQuery): ExchangePage {
    const from = this.#begin(query);
    const to = this.#end(query);
    if (to <= from) return { exchanges: [], next: null };
    const ids = this.#withId(query.q);
    if (ids.length > 0) return this.#known(ids, from, to, query);
    const terms = this.#termsOf(query);
    return terms === "" ? this.#plain(from, to, query) : this.#matching(terms, from, to, query);
  }

  #begin({ since_ms }: ExchangeQuery): number {
    const first = Number(this.#bounds.get()?.["first"] ?? 0);
    return since_ms === undefined ? first : Math.max(first, seqRange(since_ms, since_ms).from);
  }

  /** Exclusive. */
  #end({ until_ms, before }: ExchangeQuery): number {
    const last = Number(this.#bounds.get()?.["last"] ?? 0) + 1;
    const until = until_ms === undefined ? last : Math.min(last, seqRange(until_ms, until_ms).to);
    const cursor = before !== undefined && /^\d{1,16}$/.test(before) ? Number(before) : last;
    return Math.min(until, cursor);
  }

  #firstPiece(): number {
    const { first, last, rows } = this.#bounds.get() ?? {};
    return Math.max(1, Math.ceil(((Number(last) - Number(first)) * FIRST_PIECE_ROWS) / Math.max(1, Number(rows))));
  }

  #plain(from: number, to: number, query: ExchangeQuery): ExchangePage {
    return this.#page(from, to, query, Number.POSITIVE_INFINITY, (begin, end, limit) =>
      this.#newest.all(begin, end, limit),
    );
  }

  #matching(terms: string, from: number, to: number, query: ExchangeQuery): ExchangePage {
    return this.#page(from, to, query, this.#firstPiece(), (begin, end, limit) =>
      this.#search.all(terms, begin, end, limit).flatMap(({ seq }) => this.#bySeq.all(Number(seq))),
    );
  }

  /** Searches piece by piece, from the newest on, until the page is full or the time is up. */
  #page(
    from: number,
    to: number,
    query: ExchangeQuery,
    firstPiece: number,
    search: (from: number, to: number, limit: number) => Columns[],
  ): ExchangePage {
    const began = performance.now();
    const exchanges: ExchangeRow[] = [];
    let piece = firstPiece;
    let end = to;
    while (end > from && performance.now() - began < BUDGET_MS) {
      const pieceBegan = performance.now();
      const begin = Math.max(from, end - piece);
      const wanted = query.limit + 1 - exchanges.length;
      const found = search(begin, end, wanted);
      for (const columns of found) {
        // One more than is asked for: there is a next page.
        if (exchanges.length === query.limit) return { exchanges, next: String(end) };
        const row = rowOfColumns(columns);
        end = Number(columns["seq"]);
        if (matches(row, query)) exchanges.push(row);
      }
      if (found.length < wanted) end = begin;
      piece = nextPiece(piece, performance.now() - pieceBegan);
    }
    return { exchanges, next: end > from ? String(end) : null };
  }

  /** The search index finds all words that are asked for; of the last one, which may still be typed, the beginning will do. */
  #termsOf(query: ExchangeQuery): string {
    const words = wordsOf(query.q ?? "").slice(0, MAX_TERMS);
    const terms = [...facetsAsked(query), ...words.slice(0, -1)].map(quoted);
    const last = words.at(-1);
    if (last !== undefined) {
      const completions = this.#completions.all(last, `${last}\u{10ffff}`).map(({ word }) => String(word));
      terms.push(`(${[...new Set([last, ...completions])].map(quoted).join(" OR ")})`);
    }
    return terms.join(" AND ");
  }

  /** The numbers of exchanges whose id is searched, whole or the first part of it. */
  #withId(q: string | undefined): number[] {
    const text = q?.trim().toLowerCase() ?? "";
    if (text === "" || /\s/.test(text)) return [];
    const hex = text.replaceAll("-", "");
    const isPart = /^[0-9a-f]{8}-?[0-9a-f-]*$/.test(text);
    const [low, high] = isPart
      ? [hex.padEnd(13, "0"), hex.padEnd(13, "f")].map((part) => Number.parseInt(part.slice(0, 13), 16))
      : [];
    const known = this.find(q?.trim() ?? "");
    if (known) return [Number(known["seq"])];
    if (low === undefined || high === undefined) return [];
    return this.#range.all(low, high, MAX_COMPLETIONS).map(({ seq }) => Number(seq));
  }

  #known(seqs: readonly number[], from: number, to: number, query: ExchangeQuery): ExchangePage {
    const inRange = seqs.filter((seq) => seq >= from && seq < to).sort((a, b) => b - a);
    const rows = inRange.flatMap((seq) => this.#bySeq.all(seq)).map(rowOfColumns);
    return { exchanges: rows.filter((row) => matches(row, query)).slice(0, query.limit), next: null };
  }
}

function nextPiece(piece: number, tookMs: number): number {
  if (tookMs < SHORT_MS) return piece * 4;
  if (tookMs < MEDIUM_MS) return piece * 2;
  return tookMs > LONG_MS ? Math.max(1, Math.floor(piece / 2)) : piece;
}

function quoted(word: string): string {
  return `"${word.replaceAll('"', '""')}"`;
}

/** All but the words: what has the same hash is not the same, and numbers are only about in the order of time. */
function matches(row: ExchangeRow, query: ExchangeQuery): boolean {
  const { since_ms, until_ms, provider, model, client, agent, client_key: key, session, tag, rule, outcome } = query;
  return (
    row.ts_ms >= (since_ms ?? 0) &&
    row.ts_ms < (until_ms ?? Number.POSITIVE_INFINITY) &&
    isAsked(row.provider, provider) &&
    (model === undefined || row.requested_model === model || row.sent_model === model) &&
    isAsked(row.client, client) &&
    isAsked(row.agent, agent) &&
    isAsked(row.key, key) &&
    isAsked(row.session, session) &&
    (tag === undefined || row.tags.includes(tag) || row.response_tags.includes(tag)) &&
    isAsked(row.rule, rule) &&
    (outcome === undefined || (outcome === "error" ? isError(row) : row.outcome === outcome))
  );
}

function isAsked(value: string | null, asked: string | undefined): boolean {
  return asked === undefined || value === asked;
}
