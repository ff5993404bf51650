import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { parse } from "smol-toml";
import { exampleLog } from "../../test/support/replay-log.ts";
import { Foreign } from "../cli/modules/foreign.ts";
import { buildRules } from "../cli/parts.ts";
import { configSchema } from "../config/config.ts";
import { asObject, type JsonObject, tryParseJson } from "../core/json.ts";
import { Pricing } from "../cost/pricing.ts";
import { rowOfRecord } from "../store/index/record-row.ts";
import { buildFleet } from "../upstream/build-fleet.ts";
import { PROVIDER_HALVES } from "../wire/registry.ts";
import { Redecider } from "./redecide/redecide.ts";
import { Replay } from "./replay.ts";
import { Tally, type Totals } from "./tally.ts";

const PROVIDERS = `
[[providers]]
name = "laptop"
format = "ollama"
base_url = "http://localhost:11434"
cost_per_1m_tokens = 0

[[providers]]
name = "cloud"
format = "anthropic"
base_url = "https://api.anthropic.com"
prices = { input = 3, output = 15, cached_read = 0.3, cache_write = 3.75 }

[[providers]]
name = "hosted"
format = "openai"
base_url = "https://api.example.com/v1"
prices = { input = 2, output = 8, cached_read = 0.2 }
`;

const RECORDS = exampleLog()
  .trimEnd()
  .split("\n")
  .map((line) => asObject(tryParseJson(line)) ?? {});

function replayed(rules: string, records: readonly JsonObject[] = RECORDS): Totals {
  const config = configSchema.parse(parse(PROVIDERS + rules));
  const { fleet } = buildFleet(config.providers, {}, PROVIDER_HALVES);
  const log = () => undefined;
  const pricing = new Pricing(log);
  const redecider = new Redecider({
    config,
    rules: buildRules(config, Foreign.NONE, { log, env: {} }),
    fleet,
    pricing,
  });
  const replay = new Replay({ redecider, fleet, pricing });
  const tally = new Tally();
  for (const record of records) {
    const row = rowOfRecord(record);
    const effect = row && replay.effectOf({ record, row });
    if (effect) tally.add(effect);
    else tally.undecided();
  }
  return tally.totals(replay.conversations);
}

const rule = (type: string, more: string) => `\n[[routers]]\ntype = "${type}"\n${more}\n`;
const PRIVATE = rule("tag", 'tag = "private"\nprovider = "laptop"\nrewrite_model = "qwen3:8b"');
const CLOUD = rule("prefix", 'model_prefix = "claude-"\nprovider = "cloud"');
const HOSTED = rule("prefix", 'model_prefix = "claude-"\nprovider = "hosted"\nrewrite_model = "m"');

test("rules that say the same send all where they went, for the same money", () => {
  const { moved, cost, refused, leaving, places } = replayed(PRIVATE + CLOUD);
  deepEqual([moved.exchanges, refused.now, leaving.exchanges], [0, 0, 0]);
  equal(cost.exchanges, 40);
  equal(cost.was_usd, cost.now_usd);
  deepEqual(
    places.map(({ was, now }) => was.exchanges - now.exchanges),
    [0, 0, 0],
  );
});

test("conversations that live elsewhere altogether have their cache there", () => {
  const { cost, switches, latency } = replayed(PRIVATE + HOSTED);
  // 20,000 to 29,000 tokens a turn, twice: 19,000 of the second, and so on, are read from the cache.
  const work = Array.from({ length: 10 }, (_, step) => {
    const [input, cached] = [20_000 + 1_000 * step, step === 0 ? 0 : 19_000 + 1_000 * step];
    return 2 * ((input - cached) * 2 + cached * 0.2 + 500 * 8);
  }).reduce((sum, one) => sum + one, 0);
  const side = 10 * (3_000 * 2 + 200 * 8);
  ok(Math.abs(cost.now_usd - (work + side) / 1e6) < 1e-9, String(cost.now_usd));
  equal(cost.cached_tokens_now, cost.cached_tokens_was);
  equal(switches.now, 0);
  equal(latency.duration_ms.unknown, 30);
});

test("one that goes back pays for a cold cache", () => {
  const early = rule("schedule", 'hours = "11:00-12:20"\ntime_zone = "UTC"\nprovider = "hosted"\nrewrite_model = "m"');
  const { switches, cost } = replayed(PRIVATE + early + CLOUD);
  equal(switches.now, 2);
  equal(switches.was, 0);
  equal(cost.cached_tokens_was - cost.cached_tokens_now, 24_000 + 25_000);
});

test("what no rule takes is refused, what a rule kept nearby leaves, and both are told by why", () => {
  const haiku = rule("prefix", 'model_prefix = "claude-sonnet-"\nprovider = "cloud"');
  const { refused, leaving } = replayed(haiku);
  deepEqual([refused.was, refused.now, refused.new.exchanges], [0, 10, 10]);
  deepEqual(refused.reasons, [{ reason: "no provider configured for model 'claude-haiku-4-5'", exchanges: 10 }]);
  equal(leaving.exchanges, 10);
  deepEqual(leaving.rules, [{ rule: 'tag "private" → laptop', to: "cloud", exchanges: 10 }]);
});

test("what a place is known to take, those that come there take", () => {
  const all = rule("fallback", 'providers = ["laptop"]\nrewrite_model = "qwen3:8b"');
  const { latency, places } = replayed(all);
  const laptop = places.find(({ provider }) => provider === "laptop");
  equal(laptop?.now.exchanges, 40);
  equal(latency.first_token_ms.unknown, 0);
  deepEqual(latency.first_token_ms.now, { p50: laptop?.first_token_ms?.p50, p95: laptop?.first_token_ms?.p95 });
});

test("losses that would appear are those of the code that writes requests", () => {
  const [record = {}] = RECORDS;
  const asked = { ...record, trace: { sampled: true, parameters: { top_k: 40, temperature: 0.5 } } };
  const { losses } = replayed(HOSTED, [asked]);
  deepEqual([losses.was, losses.now], [0, 1]);
  deepEqual(losses.fields, [{ field: "top_k", provider: "hosted", exchanges: 1 }]);
  equal(replayed(CLOUD, [asked]).losses.now, 0);
});

test("what rules had no say in is left out; a line of 0.7.0 is decided by what it has", () => {
  const [record = {}] = RECORDS;
  const plugin = { ...record, provider: "plugin", routing: undefined };
  const bad = { ...record, provider: null, sent_model: null, attempts: [], outcome: "bad_request" };
  const { type, id, ts_ms, provider, requested_model, sent_model, duration_ms, tags, messages } = record;
  const old = { type, id, ts_ms, provider, requested_model, sent_model, duration_ms, tags, messages } as JsonObject;
  const { exchanges, undecided, without_routing, moved } = replayed(PRIVATE + CLOUD, [plugin, bad, old]);
  deepEqual([exchanges, undecided, without_routing, moved.exchanges], [1, 2, 1, 0]);
});
