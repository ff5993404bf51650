import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Point, Stats, StatsQuery } from "../../api/stats.ts";
import { Flow, OTHER_FLOW } from "./flow.ts";
import { OTHER, type Range, rangeOf } from "./levels.ts";
import { ALL, FLOWS } from "./rollups.ts";
import { type PackedTally, Tally } from "./tally.ts";

const DEFAULT_RANGE_MS = 15 * 60_000;
/** More lines than that nobody can tell apart, and each has a point for every step. */
const MAX_GROUPS = 12;
const MAX_FLOWS = 100;

interface Sums {
  total: Tally;
  /** By the begin of the step. */
  points: Map<number, Tally>;
}

/** Answers `GET /router/stats` from the rollups. */
export class StatsReader {
  readonly #read: StatementSync;

  constructor(db: DatabaseSync) {
    this.#read = db.prepare(
      "SELECT ts_ms, data FROM rollup WHERE step_ms = ? AND dimension = ? AND ts_ms >= ? AND ts_ms < ? ORDER BY ts_ms",
    );
  }

  stats(query: StatsQuery, nowMs: number): Stats {
    const until = query.until_ms ?? nowMs;
    const range = rangeOf(Math.min(query.since_ms ?? until - DEFAULT_RANGE_MS, until), until, nowMs);
    const all = this.#sums(range, ALL).get("") ?? emptySums();
    const groups = query.by === undefined ? [] : fewer([...this.#sums(range, query.by)]);
    return {
      since_ms: range.sinceMs,
      until_ms: range.untilMs,
      step_ms: range.stepMs,
      total: all.total.measures(),
      points: pointsOf(all),
      by: query.by ?? null,
      groups: groups.map(([key, sums]) => ({ key, total: sums.total.measures(), points: pointsOf(sums) })),
      flows: this.#flows(range),
    };
  }

  #sums(range: Range, dimension: string): Map<string, Sums> {
    const found = new Map<string, Sums>();
    for (const { tsMs, data } of this.#steps(range, dimension)) {
      const step = Math.floor(tsMs / range.stepMs) * range.stepMs;
      const packed: [string, PackedTally][] = JSON.parse(data);
      for (const [key, sum] of packed) {
        const sums = found.get(key) ?? emptySums();
        found.set(key, sums);
        const tally = new Tally(sum);
        sums.total.merge(tally);
        addTo(sums.points, step, tally);
      }
    }
    return found;
  }

  #flows(range: Range): Stats["flows"] {
    const found = new Map<string, Flow>();
    for (const { data } of this.#steps(range, FLOWS)) {
      const packed: [string, number[]][] = JSON.parse(data);
      for (const [key, sum] of packed) addTo(found, key, new Flow(sum));
    }
    const sorted = [...found].sort(([, a], [, b]) => b.requests - a.requests);
    const kept = new Map(sorted.slice(0, MAX_FLOWS));
    for (const [, flow] of sorted.slice(MAX_FLOWS)) addTo(kept, OTHER_FLOW, flow);
    return [...kept].sort(([, a], [, b]) => b.requests - a.requests).map(([key, flow]) => flow.shape(key));
  }

  *#steps({ level, sinceMs, untilMs }: Range, dimension: string): Generator<{ tsMs: number; data: string }> {
    for (const { ts_ms, data } of this.#read.iterate(level.stepMs, dimension, sinceMs, untilMs)) {
      if (typeof ts_ms === "number" && typeof data === "string") yield { tsMs: ts_ms, data };
    }
  }
}

function emptySums(): Sums {
  return { total: new Tally(), points: new Map() };
}

function addTo<K, S extends { merge(other: S): void }>(sums: Map<K, S>, key: K, sum: S): void {
  const known = sums.get(key);
  if (known) known.merge(sum);
  else sums.set(key, sum);
}

/** The largest; the others together are `OTHER`. */
function fewer(groups: [string, Sums][]): [string, Sums][] {
  groups.sort(([, a], [, b]) => b.total.requests - a.total.requests);
  const kept = new Map(groups.slice(0, MAX_GROUPS));
  for (const [, sums] of groups.slice(MAX_GROUPS)) {
    const other = kept.get(OTHER) ?? emptySums();
    kept.set(OTHER, other);
    other.total.merge(sums.total);
    for (const [step, tally] of sums.points) addTo(other.points, step, tally);
  }
  return [...kept].sort(([, a], [, b]) => b.total.requests - a.total.requests);
}

function pointsOf({ points }: Sums): Point[] {
  return [...points].sort(([a], [b]) => a - b).map(([ts_ms, tally]) => ({ ts_ms, ...tally.measures() }));
}
