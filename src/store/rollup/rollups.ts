import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { ExchangeRow } from "../../api/exchanges.ts";
import { GROUPINGS } from "../../api/stats.ts";
import { prepareWrite } from "../index/prepare-write.ts";
import { Flow, flowKey, OTHER_FLOW } from "./flow.ts";
import { COARSEST_MS, keysOf, LEVELS, OTHER } from "./levels.ts";
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

  /** Counts it in memory, in the finest step that is kept of its time; `flush` counts the coarser ones, and writes. */
  add(row: ExchangeRow, nowMs: number): void {
    const finest = LEVELS.find(({ stepMs, keepMs }) => stepOf(row.ts_ms, stepMs) >= nowMs - keepMs - SLACK_MS);
    for (const dimension of this.#dimensions) dimension.add(finest?.stepMs ?? COARSEST_MS, row);
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

  add(stepMs: number, row: ExchangeRow): void {
    const sums = this.#sumsAt(stepMs, row.ts_ms);
    for (const key of this.#dimension.keysOf(row)) made(sums, key, this.#dimension.make).add(row);
  }

  /** Finest first: a step is counted into the coarser one around it. */
  flush(read: StatementSync, write: StatementSync): void {
    for (const [level, { stepMs }] of LEVELS.entries()) {
      const coarser = LEVELS[level + 1];
      for (const [tsMs, sums] of this.#pending.get(stepMs) ?? []) {
        if (coarser) this.#mergeInto(this.#sumsAt(coarser.stepMs, tsMs), sums);
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

  #sumsAt(stepMs: number, tsMs: number): Map<string, S> {
    const steps = made(this.#pending, stepMs, () => new Map<number, Map<string, S>>());
    return made(steps, stepOf(tsMs, stepMs), () => new Map<string, S>());
  }

  #mergeInto(coarser: Map<string, S>, sums: ReadonlyMap<string, S>): void {
    for (const [key, sum] of sums) made(coarser, key, this.#dimension.make).merge(sum);
  }

  #place(sums: Map<string, S>, key: string): S {
    const { max, other, make } = this.#dimension;
    return sums.get(key) ?? made(sums, sums.size < max ? key : other, make);
  }
}

/** When the step began that a time is in. */
function stepOf(tsMs: number, stepMs: number): number {
  return Math.floor(tsMs / stepMs) * stepMs;
}
