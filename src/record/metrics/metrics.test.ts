import { deepEqual, equal, match, ok } from "node:assert/strict";
import { describe, test } from "node:test";
import type { AttemptRecord, CompleteEvent } from "../events.ts";
import { EXCHANGE, LIVE } from "./definitions.ts";
import { lossField } from "./labels.ts";
import { type LiveParts, Metrics } from "./metrics.ts";
import { prometheusText } from "./prometheus.ts";
import { Family } from "./registry.ts";

const ATTEMPT: AttemptRecord = { provider: "p", model: "m", outcome: "ok", at_ms: 0, ms: 900 };

function complete(more: Partial<CompleteEvent> = {}): CompleteEvent {
  return {
    type: "complete",
    id: "1",
    ts_ms: 0,
    provider: "p",
    requested_model: "asked",
    sent_model: "m",
    duration_ms: 1_000,
    tags: [],
    plugins: [],
    trace_id: null,
    system: null,
    messages: [],
    response: null,
    error: null,
    outcome: "ok",
    status: 200,
    client: "openai",
    agent: "anything at all",
    key: null,
    session: "a session",
    stream: false,
    passthrough: true,
    time_to_first_token_ms: null,
    usage: null,
    cost: { usd: 0, source: "none" },
    losses: [],
    decision: [],
    warnings: [],
    attempts: [ATTEMPT],
    config_version: 1,
    prefix_hash: null,
    ...more,
  };
}

const LIVE_PARTS: LiveParts = {
  isKnown: (_provider, model) => model === "m",
  system: () => "openai",
  look: (live) => live.inFlight.set(3),
};

function metricsOf(...events: Partial<CompleteEvent>[]): Metrics {
  const metrics = new Metrics(() => 1_000);
  metrics.follow(LIVE_PARTS);
  for (const event of events) metrics.take(complete(event));
  return metrics;
}

function textOf(metrics: Metrics): string {
  return [...prometheusText(metrics.read())].join("");
}

/** The value of the one line that begins so. */
function figureOf(metrics: Metrics, series: string): number | undefined {
  const line = textOf(metrics)
    .split("\n")
    .find((one) => one.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

function seriesCount(metrics: Metrics): number {
  return metrics.read().reduce((sum, { size }) => sum + size, 0);
}

const USAGE = {
  input_tokens: 100,
  output_tokens: 21,
  cached_read_tokens: 60,
  cache_write_tokens: 0,
  reasoning_tokens: 5,
  reported: true,
};

describe("what is counted of an exchange", () => {
  test("requests by provider, model, client and outcome, errors by kind", () => {
    const metrics = metricsOf(
      {},
      { outcome: "timeout" },
      { outcome: "client-gone" },
      { provider: null, sent_model: null },
    );
    const of = (outcome: string, error: string) =>
      `router_requests_total{provider="p",model="m",client="openai",outcome="${outcome}",error="${error}"}`;
    equal(figureOf(metrics, of("ok", "false")), 1);
    equal(figureOf(metrics, of("error", "true")), 1);
    equal(figureOf(metrics, of("client_gone", "false")), 1);
    equal(figureOf(metrics, 'router_request_errors_total{provider="p",kind="timeout"}'), 1);
    match(textOf(metrics), /router_requests_total\{provider="none",model="none"/);
  });

  test("durations in seconds, in buckets that add up", () => {
    const metrics = metricsOf({ duration_ms: 80 }, { duration_ms: 1_000 }, { duration_ms: 3_600_000 });
    const bucket = (le: string) =>
      figureOf(metrics, `router_request_duration_seconds_bucket{provider="p",model="m",error="false",le="${le}"}`);
    deepEqual([bucket("0.05"), bucket("0.1"), bucket("1"), bucket("640"), bucket("+Inf")], [0, 1, 2, 2, 3]);
    equal(figureOf(metrics, 'router_request_duration_seconds_sum{provider="p",model="m",error="false"}'), 3601.08);
    equal(figureOf(metrics, 'router_request_duration_seconds_count{provider="p",model="m",error="false"}'), 3);
  });

  test("tokens of all kinds, cost, and apart from it what nobody knows the price of", () => {
    const metrics = metricsOf(
      { usage: USAGE, cost: { usd: 0.25, source: "configured" } },
      { usage: USAGE, cost: { usd: null, source: "unknown" } },
    );
    const tokens = (kind: string) =>
      figureOf(metrics, `router_tokens_${kind}_total{provider="p",model="m",error="false"}`);
    deepEqual(["input", "output", "cached_read", "cache_write", "reasoning"].map(tokens), [
      200,
      42,
      120,
      undefined,
      10,
    ]);
    equal(figureOf(metrics, 'router_cost_usd_total{provider="p",model="m"}'), 0.25);
    equal(figureOf(metrics, 'router_requests_unpriced_total{provider="p",model="m"}'), 1);
  });

  test("of streams the time to the first token and the speed from there", () => {
    const metrics = metricsOf(
      { stream: true, time_to_first_token_ms: 500, usage: USAGE },
      { time_to_first_token_ms: 9 },
    );
    equal(figureOf(metrics, 'router_time_to_first_token_seconds_sum{provider="p",model="m"}'), 0.5);
    equal(figureOf(metrics, 'router_output_tokens_per_second_sum{provider="p",model="m"}'), 40);
  });

  test("attempts, what further ones are for, and waits in queues", () => {
    const failed = { ...ATTEMPT, outcome: "overloaded" };
    const metrics = metricsOf(
      { attempts: [failed, { ...failed, queued_ms: 300 }, { ...ATTEMPT, provider: "q" }] },
      { attempts: [ATTEMPT, { ...ATTEMPT, hedge: true, outcome: "cancelled" }] },
    );
    equal(figureOf(metrics, 'router_attempts_total{provider="p",model="m",outcome="overloaded"}'), 2);
    const retries = (kind: string) => figureOf(metrics, `router_retries_total{provider="p",kind="${kind}"}`);
    deepEqual(["retry", "failover", "hedge", "continuation"].map(retries), [1, 1, 1, undefined]);
    equal(figureOf(metrics, 'router_queue_wait_seconds_sum{provider="p"}'), 0.3);
  });

  test("losses by the first part of a field the router knows, never by a client's own words", () => {
    deepEqual(
      ["temperature", "messages[3].content[0].citations", "thinking.budget_tokens", "my_secret_field", "Ü"].map(
        lossField,
      ),
      ["temperature", "messages", "thinking", "other", "other"],
    );
    deepEqual(["prompt_cache_key", "image_detail"].map(lossField), ["prompt_cache_key", "image_detail"]);
    const metrics = metricsOf({ losses: [{ field: "seed", treatment: "dropped", class: "report" }] });
    equal(figureOf(metrics, 'router_losses_total{provider="p",field="seed",class="report"}'), 1);
  });

  test("reloads and providers left alone", () => {
    const metrics = metricsOf();
    metrics.take({ type: "config", ts_ms: 0, version: 1, ok: false, problems: [], source: "file", changes: [] });
    const gone = { type: "provider", ts_ms: 0, provider: "p", model: null, reason: "", pause_ms: 0 } as const;
    metrics.take({ ...gone, state: "open", alarm: null });
    metrics.take({ ...gone, state: "open", alarm: "quota" });
    metrics.take({ ...gone, state: "closed", alarm: null });
    equal(figureOf(metrics, 'router_config_reloads_total{result="failed"}'), 1);
    equal(figureOf(metrics, "router_config_last_reload_successful"), 0);
    metrics.take({ type: "config", ts_ms: 0, version: 2, ok: true, problems: [], source: "file", changes: [] });
    equal(figureOf(metrics, "router_config_last_reload_successful"), 1);
    metrics.take({ type: "config", ts_ms: 0, version: 3, ok: true, problems: ["…"], source: "rollback", changes: [] });
    equal(figureOf(metrics, "router_config_last_reload_successful"), 0);
    equal(figureOf(metrics, 'router_config_reloads_total{result="ok"}'), 1);
    equal(figureOf(metrics, 'router_config_reloads_total{result="rolled_back"}'), 1);
    equal(figureOf(metrics, 'router_breaker_opened_total{provider="p"}'), 1);
  });
});

describe("what comes from outside", () => {
  test("10,000 invented models make a hundred series of each metric, and one for the rest", () => {
    const metrics = metricsOf({});
    const before = seriesCount(metrics);
    const ask = (at: number) =>
      metrics.take(complete({ sent_model: `invented-${at}`, attempts: [{ ...ATTEMPT, model: `invented-${at}` }] }));
    for (let at = 0; at < 10_000; at++) ask(at);
    const after = seriesCount(metrics);
    ok(after - before <= 4 * 101, `${after - before} series`);
    const heap = process.memoryUsage().heapUsed;
    for (let at = 10_000; at < 60_000; at++) ask(at);
    equal(seriesCount(metrics), after);
    ok(process.memoryUsage().heapUsed - heap < 64 * 1024 * 1024, "memory grows with names");
    match(textOf(metrics), /router_requests_total\{provider="p",model="other",[^}]*\} 59900/);
    // One the provider lists still has its name.
    equal(figureOf(metrics, 'router_attempts_total{provider="p",model="m",outcome="ok"}'), 1);
  });

  test("models that only fail take no places from those that answer", () => {
    const outcome = "not_found";
    const metrics = metricsOf();
    const ask = (sent_model: string, more: Partial<CompleteEvent> = {}) =>
      metrics.take(complete({ sent_model, attempts: [{ ...ATTEMPT, model: sent_model, outcome }], ...more }));
    for (let at = 0; at < 200; at++) ask(`mistyped-${at}`, { outcome });
    ask("m", { outcome });
    ask("new", { attempts: [{ ...ATTEMPT, model: "new" }] });
    ask("new", { outcome });
    const attempts = (model: string, how: string) =>
      figureOf(metrics, `router_attempts_total{provider="p",model="${model}",outcome="${how}"}`);
    deepEqual([attempts("other", outcome), attempts("m", outcome)], [200, 1]);
    deepEqual([attempts("new", "ok"), attempts("new", outcome)], [1, 1], "once it has its name, failures count by it");
  });

  test("a family has so many series at most, then counts the rest together", () => {
    const family = new Family(EXCHANGE.errors, () => 0, 3);
    for (let at = 0; at < 9; at++) family.add(1, "p", `kind-${at}`);
    deepEqual(
      family.all().map(({ values, value }) => [...values, value]),
      [
        ["p", "kind-0", 1],
        ["p", "kind-1", 1],
        ["p", "kind-2", 1],
        ["other", "other", 6],
      ],
    );
  });

  test("label values are one line, escaped, and not too long", () => {
    const model = `a"b\\c\nd\u001b[31m\ud800${"x".repeat(500)}`;
    const text = textOf(metricsOf({ sent_model: model }));
    const line = text.split("\n").find((one) => one.includes('model="a'));
    match(
      line ?? "",
      /^router_requests_total\{provider="p",model="a\\"b\\\\c d\u241b\[31m\ufffdx{80,90}",client="openai"/,
    );
  });

  test("what is no number, or less than nothing, is not counted", () => {
    const metrics = metricsOf({ usage: { ...USAGE, input_tokens: Number.NaN, output_tokens: -5 }, duration_ms: -1 });
    equal(figureOf(metrics, 'router_tokens_input_total{provider="p",model="m",error="false"}'), 0);
    equal(figureOf(metrics, 'router_tokens_output_total{provider="p",model="m",error="false"}'), 0);
  });
});

test("every line is one Prometheus can read, and gauges are looked up anew each time", () => {
  const metrics = metricsOf({ usage: USAGE });
  equal(figureOf(metrics, "router_requests_in_flight"), 3);
  metrics.follow({ ...LIVE_PARTS, look: () => undefined });
  equal(figureOf(metrics, "router_requests_in_flight"), undefined);
  for (const line of textOf(metrics).trimEnd().split("\n")) {
    if (line.startsWith("# ")) match(line, /^# (?:HELP|TYPE) [a-z_]+ .+$/);
    else match(line, /^[a-z_]+(?:\{(?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)+\})? [0-9.e+-]+$/);
  }
});

test("names follow the conventions of both worlds, and each is used once", () => {
  const all = [...Object.values(EXCHANGE), ...Object.values(LIVE)];
  equal(new Set(all.map(({ name }) => name)).size, all.length);
  for (const { name, prometheus, type, unit, bounds } of all) {
    match(name, /^[a-z0-9_.]+$/);
    if (prometheus === null) continue;
    equal(prometheus.endsWith("_total"), type === "counter", prometheus);
    if (unit === "s") match(prometheus, /_seconds(?:_total)?$/);
    if (unit === "By") match(prometheus, /_bytes$/);
    equal(bounds !== undefined, type === "histogram");
    deepEqual(
      bounds?.toSorted((one, other) => one - other),
      bounds,
    );
  }
});
