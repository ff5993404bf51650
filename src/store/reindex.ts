import { statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { logNames } from "../record/log-names.ts";
import { type FileRead, LogFollower } from "./follow/log-follower.ts";
import { OpenIndex, removeIndex } from "./index/open-index.ts";
import { prepareWrite } from "./index/prepare-write.ts";
import { recreateSchema } from "./index/schema.ts";
import { problemOf } from "./problem.ts";
import { StoreError } from "./store.ts";

export interface Reindexed {
  exchanges: number;
  index: string;
  indexBytes: number;
}

/** A router that runs leaves the index alone for so long from the last sign of this process on. */
const HOLD_MS = 10_000;
const BUSY_MS = 10_000;

/**
 * Makes the index of a log anew, from all its files. A router that runs may go on: it follows as soon as this is done. `told`
 * hears of each file that was read. Throws `StoreError` when it cannot be.
 */
export function reindex(path: string, told: (file: FileRead) => void): Reindexed {
  const names = logNames(path);
  try {
    empty(names.index);
    const index = OpenIndex.at(names.index);
    try {
      let heldAt = performance.now();
      for (const _ of new LogFollower(names, index, { told }).pass()) {
        if (!index.inTransaction || performance.now() - heldAt < HOLD_MS / 10) continue;
        index.hold(Date.now() + HOLD_MS);
        heldAt = performance.now();
      }
      index.begin();
      index.hold(0);
      index.commit(Date.now());
      index.db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      return { exchanges: index.exchanges, index: names.index, indexBytes: statSync(names.index).size };
    } finally {
      index.close();
    }
  } catch (error) {
    throw new StoreError(problemOf(error).message, { cause: error });
  }
}

/** In place, where another process may have it open; what cannot be read is deleted. */
function empty(path: string): void {
  // Makes it, with its owner's rights alone.
  try {
    OpenIndex.at(path).close();
  } catch (error) {
    if (problemOf(error).kind !== "corrupt") throw error;
    removeIndex(path);
    OpenIndex.at(path).close();
  }
  const db = new DatabaseSync(path, { timeout: BUSY_MS });
  try {
    db.exec("BEGIN IMMEDIATE");
    recreateSchema(db);
    prepareWrite(db, "UPDATE count SET held_until = ?").run(Date.now() + HOLD_MS);
    db.exec("COMMIT");
  } finally {
    db.close();
  }
}
