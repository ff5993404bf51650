import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import type { Measures } from "../../../../src/api/measures.ts";
import { listHref } from "./grouping.ts";
import { freshTokens, knownCost, sorted, spokenTokens } from "./measures.ts";
import { outlookOf, paramsOf, spanOf } from "./range.ts";

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

test("the address says what is looked at, and back; nonsense is the default", () => {
  const outlook = (query: string) => outlookOf(new URLSearchParams(query));
  const wanted = { range: "1h", fixed: undefined, by: "provider", measure: "requests" };
  deepEqual(outlook(""), wanted);
  deepEqual(outlook("range=9y&by=moon&show=x&since=5"), wanted);
  for (const query of ["", "range=6h&by=tag&show=cost", "since=1000&until=2000&by=rule"])
    equal(new URLSearchParams(paramsOf(outlook(query))).toString(), query);
});

test("a range ends now, a span of its own does not move on", () => {
  deepEqual(spanOf(outlookOf(new URLSearchParams("range=15m")), 1_000_000), { sinceMs: 100_000, untilMs: 1_000_000 });
  const fixed = outlookOf(new URLSearchParams("since=1000&until=2000"));
  deepEqual(spanOf(fixed, 1_000_000), { sinceMs: 1000, untilMs: 2000 });
});

test("groups are sorted by any column, without a value last either way", () => {
  const rows = [
    { key: "b", total: { ...NOTHING, requests: 2, duration_ms: { p50: 5, p95: 5, p99: 5 } } },
    { key: "a", total: { ...NOTHING, requests: 9 } },
    { key: "c", total: { ...NOTHING, requests: 1, duration_ms: { p50: 9, p95: 9, p99: 9 } } },
  ];
  const order = (column: string, isUp: boolean) => sorted(rows, { column, isUp }).map(({ key }) => key);
  deepEqual(order("Requests", false), ["a", "b", "c"]);
  deepEqual(order("p50", false), ["c", "b", "a"]);
  deepEqual(order("p50", true), ["b", "c", "a"]);
  deepEqual(order("key", true), ["a", "b", "c"]);
});

test("parts of the tokens; a cost nobody knows is no $0", () => {
  const all = { ...NOTHING, input_tokens: 100, cached_read_tokens: 60, cache_write_tokens: 10 };
  equal(freshTokens(all), 30);
  equal(spokenTokens({ ...NOTHING, output_tokens: 20, reasoning_tokens: 15 }), 5);
  equal(knownCost({ ...NOTHING, requests: 3, unpriced: 3 }), null);
  equal(knownCost({ ...NOTHING, requests: 3 }), 0);
  equal(knownCost({ ...NOTHING, requests: 3, unpriced: 1, cost_usd: 0.5 }), 0.5);
});

test("a group leads to its exchanges", () => {
  equal(listHref("tag", "a&b"), "#/live?tag=a%26b");
  equal(listHref("client", "claude-code"), "#/live?agent=claude-code");
  equal(listHref("client", "anthropic"), "#/live?client=anthropic");
  equal(listHref("model", "(other)"), undefined);
});
