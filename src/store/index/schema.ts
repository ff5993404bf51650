import type { DatabaseSync } from "node:sqlite";

/** Another number: the index was made by another version, and is made anew. */
export const SCHEMA_VERSION = 3;

/** Of `exchange`, besides its key. */
export const COLUMNS = {
  id_key: "INTEGER",
  id: "TEXT",
  ts_ms: "INTEGER",
  started_ms: "INTEGER",
  duration_ms: "INTEGER",
  time_to_first_token_ms: "INTEGER",
  client: "TEXT",
  agent: "TEXT",
  key: "TEXT",
  session: "TEXT",
  stream: "INTEGER",
  passthrough: "INTEGER",
  requested_model: "TEXT",
  sent_model: "TEXT",
  provider: "TEXT",
  rule: "TEXT",
  tags: "TEXT",
  response_tags: "TEXT",
  plugins: "TEXT",
  outcome: "TEXT",
  status: "INTEGER",
  error: "TEXT",
  input_tokens: "INTEGER",
  output_tokens: "INTEGER",
  cached_read_tokens: "INTEGER",
  cache_write_tokens: "INTEGER",
  reasoning_tokens: "INTEGER",
  usage_reported: "INTEGER",
  cost_usd: "REAL",
  cost_source: "TEXT",
  attempts: "INTEGER",
  losses: "INTEGER",
  warnings: "INTEGER",
  preview: "TEXT",
  file: "INTEGER",
  offset: "INTEGER",
  length: "INTEGER",
} as const;

/**
 * `seq` grows with `ts_ms` (seq.ts), so that lists, time ranges and pages are all ranges of the primary key. The search index
 * holds words only (`contentless`): of what can be read, and of what lists can be filtered by (words.ts).
 */
const SCHEMA = `
CREATE TABLE exchange (
  seq INTEGER PRIMARY KEY,
  ${Object.entries(COLUMNS)
    .map(([name, type]) => `${name} ${type}`)
    .join(",\n  ")}
);
CREATE INDEX exchange_id ON exchange (id_key);
CREATE VIRTUAL TABLE search USING fts5 (words, content = '', contentless_delete = 1, detail = none, tokenize = unicode61);
CREATE TABLE word (word TEXT PRIMARY KEY, rows INTEGER) WITHOUT ROWID;
CREATE TABLE rollup (step_ms INTEGER, dimension TEXT, ts_ms INTEGER, sums TEXT, histograms BLOB);
CREATE UNIQUE INDEX rollup_step ON rollup (step_ms, dimension, ts_ms);
CREATE TABLE file (
  id INTEGER PRIMARY KEY,
  name TEXT,
  ino INTEGER,
  head TEXT,
  head_bytes INTEGER,
  indexed INTEGER,
  first_seq INTEGER,
  last_seq INTEGER
);
CREATE TABLE line (seq INTEGER PRIMARY KEY, json TEXT);
CREATE TABLE count (exchanges INTEGER, words INTEGER, held_until INTEGER);
INSERT INTO count VALUES (0, 0, 0);
PRAGMA user_version = ${SCHEMA_VERSION};
`;

/** What the page caches may hold, in KiB. */
const CACHE_KIB = 32 * 1024;
const READER_CACHE_KIB = 16 * 1024;
/** So many pages are written to the index at once: ids are random, and one batch changes many of the pages that the one before did. */
const CHECKPOINT_PAGES = 4_000;

export function setUp(db: DatabaseSync): void {
  db.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    PRAGMA cache_size = -${CACHE_KIB};
    PRAGMA temp_store = MEMORY;
    PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};
    PRAGMA journal_size_limit = 67108864;
  `);
}

export function setUpReader(db: DatabaseSync): void {
  db.exec(`
    PRAGMA cache_size = -${READER_CACHE_KIB};
    PRAGMA temp_store = MEMORY;
  `);
}

export function schemaVersion(db: DatabaseSync): number {
  return Number(db.prepare("PRAGMA user_version").get()?.["user_version"] ?? 0);
}

export function createSchema(db: DatabaseSync): void {
  db.exec(SCHEMA);
}

const TABLES = ["exchange", "search", "word", "rollup", "file", "line", "count"];

/** To be called in a transaction: all is as in a new index then. */
export function recreateSchema(db: DatabaseSync): void {
  for (const table of TABLES) db.exec(`DROP TABLE IF EXISTS ${table}`);
  createSchema(db);
}
