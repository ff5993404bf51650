import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import type { Measures } from "../../../../src/api/measures.ts";
import type { Stats } from "../../../../src/api/stats.ts";
import { countsOf, layersOf, levelsOf, openStep, stackOf, timesOf } from "./series.ts";

const NOTHING: Measures = {
  requests: 0,
  errors: 0,
  client_gone: 0,
  input_tokens: 0,
  output_tokens: 0,
  cached_read_tokens: 0,
  cache_write_tokens: 0,
  reasoning_tokens: 0,
  cost_usd: 0,
  unpriced: 0,
  duration_ms: null,
  time_to_first_token_ms: null,
};
const SPAN = { since_ms: 60_000, until_ms: 240_000, step_ms: 60_000 };
const point = (ts_ms: number, requests: number, p50?: number) => ({
  ...NOTHING,
  ts_ms,
  requests,
  duration_ms: p50 === undefined ? null : { p50, p95: p50, p99: p50 },
});

function statsOf(groups: Record<string, number[]>): Stats {
  return {
    ...SPAN,
    total: NOTHING,
    points: [],
    by: "provider",
    flows: [],
    groups: Object.entries(groups).map(([key, counts]) => ({
      key,
      total: NOTHING,
      points: counts.map((requests, at) => point(60_000 * (at + 1), requests)),
    })),
  };
}

const requests = (measures: Measures) => measures.requests;

test("what is counted is 0 where nothing happened, what is measured has a gap", () => {
  deepEqual(timesOf(SPAN), [60, 120, 180]);
  const points = [point(60_000, 2, 500), point(180_000, 1, 700)];
  deepEqual(countsOf(SPAN, points, requests), [2, 0, 1]);
  deepEqual(
    levelsOf(SPAN, points, (measures) => measures.duration_ms?.p50 ?? null),
    [500, null, 700],
  );
});

test("points outside of the range are left out", () => {
  deepEqual(countsOf(SPAN, [point(0, 9), point(240_000, 9), point(120_000, 1)], requests), [0, 1, 0]);
});

test("the greatest groups are layers, the others are one with the server's own (other)", () => {
  const stats = statsOf({ few: [0, 1, 0], "(other)": [1, 1, 1], many: [5, 5, 5], none: [0, 0, 0], some: [2, 2, 0] });
  deepEqual(layersOf(stats, requests, 2), [
    { key: "many", values: [5, 5, 5], total: 15 },
    { key: "some", values: [2, 2, 0], total: 4 },
    { key: "(other)", values: [1, 2, 1], total: 4 },
  ]);
  deepEqual(layersOf(statsOf({ one: [1, 0, 0] }), requests, 2), [{ key: "one", values: [1, 0, 0], total: 1 }]);
});

test("layers stand on each other", () => {
  deepEqual(
    stackOf([
      [5, 5],
      [2, 0],
      [1, 2],
    ]),
    [
      [5, 5],
      [7, 5],
      [8, 7],
    ],
  );
});

test("the last step is open until it is over", () => {
  equal(openStep(SPAN, 239_000), 2);
  equal(openStep(SPAN, 240_000), -1);
});
