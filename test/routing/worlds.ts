import fc from "fast-check";
import type { Asked, Need, Place, RuleToml, Seen, Target, Tried, When, World } from "./oracle.ts";

// Random fleets, rules, histories and requests. All names and numbers are from short lists, so that they meet.

const NAMES = ["a", "b", "c", "d"];
const MODELS = ["m", "eyes", "hands", "mute", "mute:latest", "short"];
const HOUR_MS = 3_600_000;

const name = fc.constantFrom(...NAMES, "absent");
const model = fc.constantFrom(...MODELS);
const needs = fc.subarray<Need>(["vision", "tools"]);
const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined });
const seldom = <T>(one: fc.Arbitrary<T>) =>
  fc.oneof({ arbitrary: fc.constant(undefined), weight: 3 }, { arbitrary: one, weight: 1 });
/** Tables with all of these keys, or with some of them. */
const every = <T>(values: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record(values);
const some = <T>(values: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record(values, { requiredKeys: [] });

const place: fc.Arbitrary<Omit<Place, "name">> = fc.record({
  quality: fc.constantFrom(0, 50, 60, 95),
  cost: maybe(fc.constantFrom(0, 1, 3, 30)),
  prices: maybe(
    fc.constantFrom({ input: 1, output: 20 }, { input: 3, output: 8, cached_read: 0.1 }, { input: 29, output: 31 }),
  ),
  latencyMs: maybe(fc.constantFrom(100, 120, 300, 900)),
  tokensPerSec: maybe(fc.constantFrom(100, 120, 300, 900)),
  models: fc.uniqueArray(
    fc.record({ id: model, can: maybe(needs), window: maybe(fc.constantFrom(1_000, 5_000, 10_000)) }),
    {
      selector: ({ id }) => id,
      maxLength: 4,
    },
  ),
  aliases: fc.constantFrom({}, {}, { short: "m" }, { m: "eyes" }),
});

const places = fc
  .array(place, { minLength: 1, maxLength: NAMES.length })
  .map((list) => list.map((one, at): Place => ({ name: NAMES[at] ?? "", ...one })));

/** Answers of one target, one after the other. Odd fractions and offsets: nothing is exactly a fifth or exactly half. */
const run = fc
  .record({
    provider: fc.constantFrom(...NAMES),
    model: fc.constantFrom("m", "m", "m", "eyes"),
    asked: model,
    bytes: fc.constantFrom(2_000, 10_000, 100_000, 900_000),
    stream: fc.boolean(),
    everyMs: fc.constantFrom(1_000, 30_000, 200_000),
    values: fc.array(fc.constantFrom(90, 100, 110, 119, 125, 200, 900), { minLength: 3, maxLength: 9 }),
  })
  .map(
    ({ values, everyMs, ...one }) =>
      (from: number): Seen[] =>
        values.map((value, at) => ({
          ...one,
          agoMs: 1_000 + from * 137 + at * everyMs,
          ms: value + 0.37,
          tokensPerSec: value + 0.37,
          outputTokens: 10 * value,
        })),
  );
const seen = fc.array(run, { minLength: 2, maxLength: 8 }).map((runs) => runs.flatMap((make, at) => make(at)));

/** Odd in all, so that no rate is just between two steps. */
const tried: fc.Arbitrary<Tried[]> = fc.array(
  fc
    .record({
      provider: fc.constantFrom(...NAMES),
      model: fc.constantFrom("m", "eyes"),
      agoMs: fc.constantFrom(0, 30_000, 300_000, 870_000, 930_000),
      failed: fc.integer({ min: 0, max: 21 }),
    })
    .map((one) => ({ ...one, ok: 21 - one.failed })),
  { maxLength: 4 },
);

const hours = fc.record({
  hours: fc.constantFrom("08:00-17:00", "22:00-06:00", "00:00-24:00", "23:59-00:00"),
  time_zone: fc.constantFrom("UTC", "Asia/Kolkata", "America/Phoenix"),
});
const days = fc.record({
  days: fc.subarray(["sun", "mon", "tue", "wed", "thu", "fri", "sat"], { minLength: 1 }),
  time_zone: fc.constantFrom("UTC", "Asia/Kolkata", "America/Phoenix"),
});
const who = fc.constantFrom<When>(
  { client: "openai" },
  { client: ["anthropic", "ollama"] },
  { agent: "codex" },
  { key: ["team-*", "ci"] },
  { agent: ["c?dex*", "aider"] },
  { header: { "X-Team": "search*" } },
  { header: { "x-team": ["interns", "SEARCH"], "x-none": "*" } },
);
const what = fc.constantFrom<When>(
  { tag: "code" },
  { tag: ["code", "private"] },
  { model: "m*" },
  { model: "?" },
  { model: ["E*", "gpt-?"] },
  { model: "*e*s*" },
  { needs: ["vision"] },
  { needs: ["vision", "tools"] },
  { min_input_tokens: 100 },
  { max_input_tokens: 100 },
  { min_input_tokens: 100, max_input_tokens: 2_000 },
);
const one: fc.Arbitrary<When> = fc.oneof(what, what, who, hours, days);
/** One key or two: of more, hardly ever all hold. */
const few = fc.tuple(one, fc.option(one)).map(([first, second]): When => ({ ...first, ...second }));
const lists = fc.array(few, { minLength: 1, maxLength: 3 });
const when = fc
  .tuple(few, some({ all: lists, any: lists, none: lists }))
  .map(([own, more]): When => ({ ...own, ...more }));

const target: fc.Arbitrary<{ provider: string; model?: string }> = fc.record(
  { provider: name, model },
  { requiredKeys: ["provider"] },
);
const targets = fc.array(target, { minLength: 1, maxLength: 4 });
const rewrite = some({ rewrite_model: model });
const providers = some({ providers: fc.uniqueArray(name, { maxLength: 4 }) });

const joined = (type: string, ...parts: fc.Arbitrary<Partial<RuleToml>>[]): fc.Arbitrary<RuleToml> =>
  fc.tuple(...parts).map((list) => Object.assign({ type }, ...list));
const to = every({ provider: name });

/** One arbitrary for each kind of rule. */
export const RULES: Readonly<Record<string, fc.Arbitrary<RuleToml>>> = {
  prefix: joined("prefix", to, rewrite, every({ model_prefix: fc.constantFrom("", "m", "E", "eyes", "gpt-") })),
  tag: joined("tag", to, rewrite, every({ tag: fc.constantFrom("code", "private") })),
  price: joined("price", providers, some({ max_cost_per_1m_tokens: fc.constantFrom(0, 1, 3, 29) })),
  latency: joined("latency", providers, some({ max_latency_ms: fc.constantFrom(100, 120, 500) })),
  throughput: joined("throughput", providers, some({ min_tokens_per_sec: fc.constantFrom(0, 100, 120, 500) })),
  fallback: joined("fallback", providers, rewrite, some({ quality_bias: fc.constantFrom(0, 0.3, 0.9, 1) })),
  discover: joined("discover", to),
  random: joined(
    "random",
    providers,
    rewrite,
    some({ candidates: fc.array(fc.record({ provider: name, model })), sticky: fc.boolean() }),
  ),
  alias: joined("alias", every({ alias: fc.constantFrom("m", "short", "fast"), targets })),
  match: joined("match", to, rewrite, when),
  client: joined("client", to, rewrite, who),
  schedule: joined("schedule", to, rewrite, fc.oneof(hours, days)),
  context: joined("context", every({ targets }), some({ reserve_tokens: fc.constantFrom(0, 900, 1_001, 9_000) })),
  "cheapest-capable": joined(
    "cheapest-capable",
    every({ min_quality: fc.constantFrom(0, 50, 60, 95) }),
    fc.oneof(
      providers,
      every({ targets: targets.map((list) => list.map((one) => ({ ...one, quality: 60 }))) }),
      every({ targets }),
    ),
    some({ max_cost_per_1m_tokens: fc.constantFrom(1, 29), reserve_tokens: fc.constantFrom(0, 900, 9_000) }),
  ),
  weighted: joined(
    "weighted",
    every({ targets: targets.map((list) => list.map((one, at) => ({ ...one, weight: at + 1 }))) }),
    some({ by: fc.constantFrom("request", "conversation") }),
  ),
};

/** What every rule may have. */
const common = some({
  when,
  failover: fc.constantFrom("rule", "chain"),
  fallbacks: fc.array(target, { maxLength: 2 }),
});
export const anyRule = fc
  .tuple(fc.oneof(...Object.values(RULES)), fc.oneof(fc.constant({}), common))
  .map(([rule, more]): RuleToml => ({ ...rule, ...more }));

const home = fc.record({ provider: fc.constantFrom(...NAMES), model });
export const asked: fc.Arbitrary<Asked> = fc.record({
  model: fc.constantFrom("m", "m", "m", ...MODELS, "fast", "gpt-5"),
  tags: fc.subarray(["code", "private"]),
  needs,
  inputTokens: fc.constantFrom(99, 100, 101, 4_000),
  wallMs: fc.integer({ min: 0, max: 14 * 24 * 60 }).map((minute) => 400 * 24 * HOUR_MS + minute * 60_000),
  client: fc.record({
    dialect: fc.constantFrom("openai", "anthropic"),
    agent: maybe(fc.constantFrom("codex", "Codex-2", "aider")),
    key: maybe(fc.constantFrom("team-a", "ci", "home")),
    headers: fc.constantFrom({}, { "x-team": "Search-1" }, { "x-team": "interns", "x-none": "" }),
  }),
  stream: fc.boolean(),
  bytes: fc.constantFrom(2_000, 10_000, 100_000, 900_000),
  maxOutputTokens: maybe(fc.constantFrom(50, 1_000)),
  measured: fc.boolean(),
  explores: fc.boolean(),
  prefer: seldom(home),
  affinity: seldom(
    fc
      .tuple(
        home,
        fc.constantFrom(0, 90, 9_000),
        fc.constantFrom(20, 5_000),
        fc.constantFrom("cache", "cache", "conversation"),
      )
      .map(([one, cachedTokens, outputTokens, sticky]) => ({ ...one, cachedTokens, outputTokens, sticky })),
  ),
});

export const worldWith = (rules: fc.Arbitrary<RuleToml[]>): fc.Arbitrary<World> =>
  fc.record({ places, rules, seen, tried });
export const chosenByPlugin: fc.Arbitrary<Target[]> = fc.array(fc.record({ provider: name, model }), {
  minLength: 1,
  maxLength: 4,
});
