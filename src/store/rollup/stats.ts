import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Point, Stats, StatsQuery } from "../../api/stats.ts";
import type { Columns } from "../index/columns.ts";
import { Flow, OTHER_FLOW } from "./flow.ts";
import { fewestSteps, OTHER, type Range, rangeOf } from "./levels.ts";
import { made, type StoredSums, storedSums, unpackSums } from "./packed.ts";
import { ALL, FLOWS } from "./rollups.ts";
import { Tally } from "./tally.ts";

const DEFAULT_RANGE_MS = 15 * 60_000;
/** More lines than that nobody can tell apart, and each has a point for every step. */
const MAX_GROUPS = 12;
const MAX_FLOWS = 100;

/** By the begin of the step. */
type Points = Map<number, Tally>;

interface Group {
  key: string;
  total: Tally;
  points: Points;
}

/** Answers `GET /router/stats` from the rollups. */
export class StatsReader {
  readonly #read: StatementSync;

  constructor(db: DatabaseSync) {
    this.#read = db.prepare(
      `SELECT ts_ms, sums, histograms FROM rollup WHERE step_ms = ? AND dimension = ? AND ts_ms >= ? AND ts_ms < ?
       ORDER BY ts_ms`,
    );
  }

  stats(query: StatsQuery, nowMs: number): Stats {
    const until = query.until_ms ?? nowMs;
    const range = rangeOf(Math.min(query.since_ms ?? until - DEFAULT_RANGE_MS, until), until, nowMs);
    const [all = groupOf("", new Map())] = this.#groups(range, ALL);
    const groups = query.by === undefined ? [] : this.#groups(range, query.by);
    return {
      since_ms: range.sinceMs,
      until_ms: range.untilMs,
      step_ms: range.stepMs,
      total: all.total.measures(),
      points: pointsOf(all),
      by: query.by ?? null,
      groups: groups.map((group) => ({ key: group.key, total: group.total.measures(), points: pointsOf(group) })),
      flows: this.#flows(range),
    };
  }

  /** The largest, largest first; the others together are `OTHER`. */
  #groups({ level, sinceMs, untilMs, stepMs }: Range, dimension: string): Group[] {
    const steps = this.#read.all(level.stepMs, dimension, sinceMs, untilMs).map(storedStep);
    const largest = new Set(largestKeys(steps));
    const found = new Map<string, Points>();
    for (const step of steps) {
      const tsMs = Math.floor(step.tsMs / stepMs) * stepMs;
      unpackSums(step, (key) => made(made(found, largest.has(key) ? key : OTHER, newPoints), tsMs, newTally));
    }
    return [...found].map(([key, points]) => groupOf(key, points)).sort((a, b) => b.total.requests - a.total.requests);
  }

  #flows(range: Range): Stats["flows"] {
    const found = new Map<string, Flow>();
    const place = (key: string) => made(found, key, () => new Flow());
    for (const { stepMs, sinceMs, untilMs } of fewestSteps(range)) {
      for (const columns of this.#read.iterate(stepMs, FLOWS, sinceMs, untilMs)) unpackSums(storedSums(columns), place);
    }
    const sorted = [...found].sort(([, a], [, b]) => b.requests - a.requests);
    for (const [key, flow] of sorted.slice(MAX_FLOWS)) {
      if (key === OTHER_FLOW) continue;
      place(OTHER_FLOW).merge(flow);
      found.delete(key);
    }
    return [...found].sort(([, a], [, b]) => b.requests - a.requests).map(([key, flow]) => flow.shape(key));
  }
}

function groupOf(key: string, points: Points): Group {
  const total = new Tally();
  for (const tally of points.values()) total.merge(tally);
  return { key, total, points };
}

interface Step extends StoredSums {
  tsMs: number;
}

function storedStep(columns: Columns): Step {
  return { tsMs: Number(columns["ts_ms"]), ...storedSums(columns) };
}

/** By the requests in all steps: histograms of what nobody gets to see are not even taken apart. */
function largestKeys(steps: readonly Step[]): string[] {
  const requests = new Map<string, number>();
  for (const { sums } of steps) {
    for (const [key, [count = 0]] of sums) if (key !== OTHER) requests.set(key, (requests.get(key) ?? 0) + count);
  }
  const sorted = [...requests].sort(([, a], [, b]) => b - a);
  return sorted.slice(0, MAX_GROUPS).map(([key]) => key);
}

const newPoints = (): Points => new Map();
const newTally = (): Tally => new Tally();

function pointsOf({ points }: Group): Point[] {
  return [...points].sort(([a], [b]) => a - b).map(([ts_ms, tally]) => ({ ts_ms, ...tally.measures() }));
}
