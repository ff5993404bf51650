import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { ExchangeRow } from "../../api/exchanges.ts";
import { GROUPINGS } from "../../api/stats.ts";
import { prepareWrite } from "../index/prepare-write.ts";
import { Flow, flowKey, OTHER_FLOW } from "./flow.ts";
import { keysOf, LEVELS, OTHER } from "./levels.ts";
import { made, packSums, type Sum, storedSums, unpackSums } from "./packed.ts";
import { Tally } from "./tally.ts";

/** Keys of one step; what comes later goes to the rest, or a client that invents names fills the disk. */
const MAX_KEYS = 30;
const MAX_FLOWS = 100;
/** Steps are written so long after they ought to be forgotten: questions come a little late. */
const SLACK_MS = 10 * 60_000;

export const ALL = "all";
export const FLOWS = "flows";

/** Adds rows up, in steps of several lengths (levels.ts), altogether and by everything statistics can be grouped by. */
export class Rollups {
  readonly #dimensions: readonly StepSums<RowSum>[] = [
    new StepSums<RowSum>(ALL, { max: 1, other: OTHER, keysOf: () => [""], make: () => new Tally() }),
    new StepSums<RowSum>(FLOWS, {
      max: MAX_FLOWS,
      other: OTHER_FLOW,
      keysOf: (row) => [flowKey(row)],
      make: () => new Flow(),
    }),
    ...GROUPINGS.map(
      (by) =>
        new StepSums<RowSum>(by, {
          max: MAX_KEYS,
          other: OTHER,
          keysOf: (row) => keysOf(row, by),
          make: () => new Tally(),
        }),
    ),
  ];
  readonly #read: StatementSync;
  readonly #write: StatementSync;
  readonly #forget: StatementSync;

  constructor(db: DatabaseSync) {
    this.#read = db.prepare("SELECT sums, histograms FROM rollup WHERE step_ms = ? AND dimension = ? AND ts_ms = ?");
    this.#write = prepareWrite(
      db,
      "INSERT OR REPLACE INTO rollup (step_ms, dimension, ts_ms, sums, histograms) VALUES (?, ?, ?, ?, ?)",
    );
    this.#forget = prepareWrite(db, "DELETE FROM rollup WHERE step_ms = ? AND ts_ms < ?");
  }

  /** Counts it in memory; `flush` writes. */
  add(row: ExchangeRow, nowMs: number): void {
    const steps = LEVELS.flatMap(({ stepMs, keepMs }) => {
      const tsMs = Math.floor(row.ts_ms / stepMs) * stepMs;
      return tsMs < nowMs - keepMs - SLACK_MS ? [] : [{ stepMs, tsMs }];
    });
    for (const dimension of this.#dimensions) dimension.add(steps, row);
  }

  flush(): void {
    for (const dimension of this.#dimensions) dimension.flush(this.#read, this.#write);
  }

  /** Throws away what was counted and not written. */
  reset(): void {
    for (const dimension of this.#dimensions) dimension.reset();
  }

  /** Forgets fine steps of long ago. */
  forget(nowMs: number): void {
    for (const { stepMs, keepMs } of LEVELS) {
      if (Number.isFinite(keepMs)) this.#forget.run(stepMs, nowMs - keepMs - SLACK_MS);
    }
  }
}

type RowSum = Sum & { add(row: ExchangeRow): void };

interface Dimension<S> {
  max: number;
  /** Where everything goes when there are so many. */
  other: string;
  keysOf: (row: ExchangeRow) => string[];
  make: () => S;
}

/** The sums of one dimension that were not written yet. */
class StepSums<S extends RowSum> {
  readonly #name: string;
  readonly #dimension: Dimension<S>;
  /** By length and begin of the step, then by key. */
  readonly #pending = new Map<number, Map<number, Map<string, S>>>();

  constructor(name: string, dimension: Dimension<S>) {
    this.#name = name;
    this.#dimension = dimension;
  }

  add(steps: readonly { stepMs: number; tsMs: number }[], row: ExchangeRow): void {
    const keys = this.#dimension.keysOf(row);
    for (const { stepMs, tsMs } of steps) {
      const level = made(this.#pending, stepMs, () => new Map<number, Map<string, S>>());
      const sums = made(level, tsMs, () => new Map<string, S>());
      for (const key of keys) this.#place(sums, key).add(row);
    }
  }

  flush(read: StatementSync, write: StatementSync): void {
    for (const [stepMs, level] of this.#pending) {
      for (const [tsMs, sums] of level) {
        const stored = new Map<string, S>();
        const columns = read.get(stepMs, this.#name, tsMs);
        if (columns) unpackSums(storedSums(columns), (key) => made(stored, key, this.#dimension.make));
        for (const [key, sum] of sums) this.#place(stored, key).merge(sum);
        const packed = packSums(stored);
        write.run(stepMs, this.#name, tsMs, packed.sums, packed.histograms);
      }
    }
    this.reset();
  }

  reset(): void {
    this.#pending.clear();
  }

  #place(sums: Map<string, S>, key: string): S {
    const { max, other, make } = this.#dimension;
    return sums.get(key) ?? made(sums, sums.size < max ? key : other, make);
  }
}
