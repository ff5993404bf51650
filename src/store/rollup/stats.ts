import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Point, Stats, StatsQuery } from "../../api/stats.ts";
import { Flow, OTHER_FLOW } from "./flow.ts";
import { fewestSteps, OTHER, type Range, rangeOf } from "./levels.ts";
import { unpackSums } from "./packed.ts";
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
    const all = groupOf("", this.#pointsByKey(range, ALL).get("") ?? new Map());
    const groups = query.by === undefined ? [] : largest([...this.#pointsByKey(range, query.by)]);
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

  #pointsByKey(range: Range, dimension: string): Map<string, Points> {
    const found = new Map<string, Points>();
    const { level, sinceMs, untilMs, stepMs } = range;
    for (const columns of this.#read.iterate(level.stepMs, dimension, sinceMs, untilMs)) {
      const step = Math.floor(Number(columns["ts_ms"]) / stepMs) * stepMs;
      unpackSums(columns, (key) => {
        const points: Points = found.get(key) ?? new Map();
        found.set(key, points);
        const tally = points.get(step) ?? new Tally();
        points.set(step, tally);
        return tally;
      });
    }
    return found;
  }

  #flows(range: Range): Stats["flows"] {
    const found = new Map<string, Flow>();
    const place = (key: string) => {
      const flow = found.get(key) ?? new Flow();
      found.set(key, flow);
      return flow;
    };
    for (const { stepMs, sinceMs, untilMs } of fewestSteps(range)) {
      for (const columns of this.#read.iterate(stepMs, FLOWS, sinceMs, untilMs)) unpackSums(columns, place);
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

/** The largest; the others together are `OTHER`. */
function largest(found: [string, Points][]): Group[] {
  const groups = found.map(([key, points]) => groupOf(key, points)).sort(byRequests);
  const rest = groups.slice(MAX_GROUPS);
  if (rest.length === 0) return groups;
  const kept = groups.slice(0, MAX_GROUPS).filter(({ key }) => key !== OTHER);
  const others = groups.filter((group) => !kept.includes(group));
  const points: Points = new Map();
  for (const [step, tally] of others.flatMap((group) => [...group.points])) {
    const sum = points.get(step) ?? new Tally();
    points.set(step, sum);
    sum.merge(tally);
  }
  return [...kept, groupOf(OTHER, points)].sort(byRequests);
}

function byRequests(a: Group, b: Group): number {
  return b.total.requests - a.total.requests;
}

function pointsOf({ points }: Group): Point[] {
  return [...points].sort(([a], [b]) => a - b).map(([ts_ms, tally]) => ({ ts_ms, ...tally.measures() }));
}
