import { deepEqual, equal, match } from "node:assert/strict";
import { test } from "node:test";
import {
  alarmWords,
  comparison,
  healthOf,
  type Live,
  latencies,
  modelsWith,
  type Provider,
  pauseWords,
  summary,
} from "./words.ts";

const LIVE: Live = {
  state: "closed",
  reason: null,
  pause_ms: 0,
  alarms: [],
  troubled_models: [],
  last_errors: [],
  in_flight: 0,
  queued: 0,
  load: null,
  time_to_first_token: [],
  output_tokens_per_sec: [],
  error_rates: [],
  discovery: { models: 2, names: ["gpt-5", "Qwen3-coder"], ago_ms: 0 },
};

function provider(live: Partial<Live> | null, rest: Partial<Provider> = {}): Provider {
  return {
    name: "cloud",
    format: "openai",
    preset: null,
    base_url: "https://cloud.example/v1",
    key: { variable: "CLOUD_KEY", set: true },
    headers: [],
    aliases: { fast: "gpt-5-mini" },
    cost_per_1m_tokens: null,
    prices: null,
    model_prices: {},
    quality: 0,
    latency_ms: null,
    throughput_tokens_per_sec: null,
    limits: { max_concurrency: null, max_queue: 100, max_queue_ms: 30_000, requests_per_minute: null },
    timeout: {},
    live: live === null ? null : { ...LIVE, ...live },
    ...rest,
  };
}

const ALARM: Live["alarms"][number] = {
  alarm: "credential",
  model: "gpt-6",
  reason: "credential (401)",
  times: 1,
  ago_ms: 0,
};
const TROUBLE = { model: "gpt-6", state: "open", reason: "500", pause_ms: 1000, hold_ms: 0 } as const;

test("health in a word, each with its own sign", () => {
  const all = [
    provider({}),
    provider({ alarms: [ALARM] }),
    provider({ troubled_models: [TROUBLE] }),
    provider({ state: "probing" }),
    provider({ state: "open", alarms: [ALARM] }),
    provider(null),
  ];
  deepEqual(
    all.map((one) => healthOf(one).name),
    ["well", "troubled", "troubled", "probing", "left-alone", "skipped"],
  );
  equal(new Set(all.map((one) => healthOf(one).sign)).size, 5);
  equal(summary(all), "6 providers: 1 in use · 2 in use, with trouble · 1 being tried · 1 left alone · 1 skipped");
});

test("every alarm says what is wrong and what mends it", () => {
  const of = (alarm: (typeof ALARM)["alarm"], rest: Partial<Provider> = {}) =>
    alarmWords(provider({}, rest), { ...ALARM, alarm });
  match(of("credential").remedy, /CLOUD_KEY/);
  match(of("credential", { key: null }).remedy, /api_key_env/);
  match(of("quota").what, /quota or credit/);
  match(of("not-found").what, /gpt-6/);
  match(of("tls").remedy, /https:\/\/cloud\.example\/v1/);
});

test("a pause counts down", () => {
  equal(pauseWords(12_000, 2_500), "tried again in 10.0 s");
  equal(pauseWords(1000, 5000), "tried again with the next request");
});

test("models are found by all words, also by what an alias stands for", () => {
  deepEqual(modelsWith(provider({}), "coder qwen"), [{ name: "Qwen3-coder", sent: undefined }]);
  deepEqual(modelsWith(provider({}), "mini"), [{ name: "fast", sent: "gpt-5-mini" }]);
  equal(modelsWith(provider({}), "").length, 3);
  deepEqual(modelsWith(provider(null, { aliases: {} }), ""), []);
});

test("measured against configured", () => {
  const speeds = latencies({
    ...LIVE,
    time_to_first_token: [
      { model: "rare", samples: 2, p50_ms: 9000, p95_ms: null },
      { model: "usual", samples: 50, p50_ms: 900, p95_ms: 2000 },
    ],
  });
  equal(speeds[0]?.model, "usual");
  match(comparison("latency", speeds, 300) ?? "", /^3\.0 times slower/);
  match(comparison("latency", speeds, 9000) ?? "", /^10 times faster/);
  match(comparison("throughput", speeds, 1800) ?? "", /^2\.0 times slower/);
  equal(comparison("latency", speeds, 800), undefined);
  equal(comparison("latency", speeds, null), undefined);
  equal(comparison("latency", [], 800), undefined);
});
