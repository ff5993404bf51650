import type { Measures } from "../../../../src/api/measures.ts";
import type { Point, Stats } from "../../../../src/api/stats.ts";

export type Span = Pick<Stats, "since_ms" | "until_ms" | "step_ms">;
/** What a chart shows of a number of exchanges; null: nothing is known of it. */
export type Measure = (measures: Measures) => number | null;

/** The begin of every step, in seconds since 1970, as uPlot wants them. */
export function timesOf({ since_ms, until_ms, step_ms }: Span): number[] {
  const times: number[] = [];
  for (let at = since_ms; at < until_ms; at += step_ms) times.push(at / 1000);
  return times;
}

/** One number for each step: where nothing happened, 0. For what is counted. */
export function countsOf(span: Span, points: readonly Point[], pick: Measure): number[] {
  return levelsOf(span, points, pick).map((value) => value ?? 0);
}

/** One number for each step: where nothing happened, a gap. For what is measured. */
export function levelsOf(span: Span, points: readonly Point[], pick: Measure): (number | null)[] {
  const { since_ms, until_ms, step_ms } = span;
  const length = Math.max(0, Math.ceil((until_ms - since_ms) / step_ms));
  const levels = Array.from({ length }, (): number | null => null);
  for (const point of points) {
    const at = Math.floor((point.ts_ms - since_ms) / step_ms);
    if (at >= 0 && at < length) levels[at] = pick(point);
  }
  return levels;
}

export interface Layer {
  key: string;
  /** For each step. */
  values: number[];
  total: number;
}

/** The greatest groups as layers, greatest first; what is beyond `most` is one layer `(other)` at the end. */
export function layersOf(stats: Stats, pick: Measure, most: number): Layer[] {
  const all = stats.groups.map(({ key, points }): Layer => {
    const values = countsOf(stats, points, pick);
    return { key, values, total: sum(values) };
  });
  const named = all.filter(({ key, total }) => key !== "(other)" && total > 0).sort((a, b) => b.total - a.total);
  const rest = [...named.slice(most), ...all.filter(({ key, total }) => key === "(other)" && total > 0)];
  return rest.length === 0 ? named : [...named.slice(0, most), together(rest)];
}

function together(layers: readonly Layer[]): Layer {
  const values = Array.from(layers[0]?.values ?? [], (_, at) => sum(layers.map((layer) => layer.values[at] ?? 0)));
  return { key: "(other)", values, total: sum(values) };
}

/** Each layer with those below it: the first stands at the bottom. */
export function stackOf(layers: readonly (readonly number[])[]): number[][] {
  const stacked: number[][] = [];
  for (const layer of layers) {
    const below = stacked.at(-1);
    stacked.push(layer.map((value, at) => value + (below?.[at] ?? 0)));
  }
  return stacked;
}

/** The step that is not over yet; -1: all are. */
export function openStep(span: Span, nowMs: number): number {
  const last = Math.ceil((span.until_ms - span.since_ms) / span.step_ms) - 1;
  return span.since_ms + (last + 1) * span.step_ms > nowMs ? last : -1;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
