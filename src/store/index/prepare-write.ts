import type { DatabaseSync, StatementSync } from "node:sqlite";

/**
 * A statement that changes something. `run` tells of the last row number, too, which after a change of the search index is one
 * of its own, and larger than a number can be: as numbers these would throw.
 */
export function prepareWrite(db: DatabaseSync, sql: string): StatementSync {
  const statement = db.prepare(sql);
  statement.setReadBigInts(true);
  return statement;
}
