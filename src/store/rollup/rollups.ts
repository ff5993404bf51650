import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { ExchangeRow } from "../../api/exchanges.ts";
import { GROUPINGS } from "../../api/stats.ts";
import { prepareWrite } from "../index/prepare-write.ts";
import { Flow, flowKey, OTHER_FLOW } from "./flow.ts";
import { keysOf, LEVELS, OTHER } from "./levels.ts";
import { type PackedTally, Tally } from "./tally.ts";

/** What is summed up in a step, key by key. */
interface Sum {
  add(row: ExchangeRow): void;
  merge(other: this): void;
  pack(): unknown;
}

/** The sums of one step, as they are stored. */
type Packed<P> = [key: string, sum: P][];

/** Keys of one step; what comes later goes to the rest, or a client that invents names fills the disk. */
const MAX_KEYS = 30;
const MAX_FLOWS = 60;
/** Steps are written so long after they ought to be forgotten: questions come a little late. */
const SLACK_MS = 10 * 60_000;

/** Adds rows up, in steps of several lengths (levels.ts), altogether and by everything statistics can be grouped by. */
export class Rollups {
  readonly #tallies = GROUPINGS.map((by) => new StepSums(by, MAX_KEYS, OTHER, (row) => keysOf(row, by), makeTally));
  readonly #all = new StepSums(ALL, 1, OTHER, () => [""], makeTally);
  readonly #flows = new StepSums(
    FLOWS,
    MAX_FLOWS,
    OTHER_FLOW,
    (row) => [flowKey(row)],
    (packed?: number[]) => new Flow(packed),
  );
  readonly #read: StatementSync;
  readonly #write: StatementSync;
  readonly #forget: StatementSync;

  constructor(db: DatabaseSync) {
    this.#read = db.prepare("SELECT data FROM rollup WHERE step_ms = ? AND dimension = ? AND ts_ms = ?");
    this.#write = prepareWrite(
      db,
      "INSERT OR REPLACE INTO rollup (step_ms, dimension, ts_ms, data) VALUES (?, ?, ?, ?)",
    );
    this.#forget = prepareWrite(db, "DELETE FROM rollup WHERE step_ms = ? AND ts_ms < ?");
  }

  /** Counts it in memory; `flush` writes. */
  add(row: ExchangeRow, nowMs: number): void {
    for (const { stepMs, keepMs } of LEVELS) {
      const step = Math.floor(row.ts_ms / stepMs) * stepMs;
      if (step < nowMs - keepMs - SLACK_MS) continue;
      this.#all.add(stepMs, step, row);
      this.#flows.add(stepMs, step, row);
      for (const sums of this.#tallies) sums.add(stepMs, step, row);
    }
  }

  flush(): void {
    for (const sums of [this.#all, this.#flows, ...this.#tallies]) sums.flush(this.#read, this.#write);
  }

  /** Throws away what was counted and not written. */
  reset(): void {
    for (const sums of [this.#all, this.#flows, ...this.#tallies]) sums.reset();
  }

  /** Forgets fine steps of long ago. */
  forget(nowMs: number): void {
    for (const { stepMs, keepMs } of LEVELS) {
      if (Number.isFinite(keepMs)) this.#forget.run(stepMs, nowMs - keepMs - SLACK_MS);
    }
  }
}

export const ALL = "all";
export const FLOWS = "flows";

function makeTally(packed?: PackedTally): Tally {
  return new Tally(packed);
}

/** The sums of one dimension that were not written yet. */
class StepSums<S extends Sum, P> {
  readonly #dimension: string;
  readonly #max: number;
  readonly #other: string;
  readonly #keysOf: (row: ExchangeRow) => string[];
  readonly #make: (packed?: P) => S;
  /** By length and begin of the step, then by key. */
  readonly #pending = new Map<string, { stepMs: number; tsMs: number; sums: Map<string, S> }>();

  constructor(
    dimension: string,
    max: number,
    other: string,
    keys: (row: ExchangeRow) => string[],
    make: (packed?: P) => S,
  ) {
    this.#dimension = dimension;
    this.#max = max;
    this.#other = other;
    this.#keysOf = keys;
    this.#make = make;
  }

  add(stepMs: number, tsMs: number, row: ExchangeRow): void {
    const id = `${stepMs} ${tsMs}`;
    const step = this.#pending.get(id) ?? { stepMs, tsMs, sums: new Map<string, S>() };
    this.#pending.set(id, step);
    for (const key of this.#keysOf(row)) this.#place(step.sums, key).add(row);
  }

  flush(read: StatementSync, write: StatementSync): void {
    for (const { stepMs, tsMs, sums } of this.#pending.values()) {
      const stored = new Map<string, S>();
      const data = read.get(stepMs, this.#dimension, tsMs)?.["data"];
      if (typeof data === "string") {
        const packed: Packed<P> = JSON.parse(data);
        for (const [key, sum] of packed) stored.set(key, this.#make(sum));
      }
      for (const [key, sum] of sums) this.#place(stored, key).merge(sum);
      const packed = [...stored].map(([key, sum]) => [key, sum.pack()]);
      write.run(stepMs, this.#dimension, tsMs, JSON.stringify(packed));
    }
    this.reset();
  }

  reset(): void {
    this.#pending.clear();
  }

  #place(sums: Map<string, S>, key: string): S {
    const known = sums.get(key);
    if (known) return known;
    const place = sums.size < this.#max ? key : this.#other;
    const sum = sums.get(place) ?? this.#make();
    sums.set(place, sum);
    return sum;
  }
}
