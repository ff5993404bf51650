import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { testProvider } from "../../../test/support/provider.ts";
import { routingRequest } from "../../../test/support/routing.ts";
import type { ProviderConfig } from "../../config/config.ts";
import { Fleet, type Provider } from "../../upstream/provider.ts";
import { CONFIGURED, type TargetNumbers } from "../numbers.ts";
import type { RoutingRequest } from "../rule.ts";
import { RULE_KINDS } from "./index.ts";

const fleet = new Fleet([
  testProvider({ name: "local", quality: 60, latency_ms: 900, throughput_tokens_per_sec: 20 }),
  testProvider({ name: "cloud", quality: 95, cost_per_1m_tokens: 10, latency_ms: 300, throughput_tokens_per_sec: 80 }),
  testProvider({ name: "cheap", quality: 70, cost_per_1m_tokens: 0.5 }),
]);

function ask(type: string, settings: object, request: Partial<RoutingRequest> = {}, random = () => 0, from = fleet) {
  const kind = RULE_KINDS.find((one) => one.name === type);
  assert.ok(kind);
  const rule = kind.build(settings, { log: () => undefined, env: {} });
  const asked = routingRequest({ random, ...request });
  const targets = rule.when?.(asked) ? [] : rule.candidates(asked, from);
  return [...targets].map(({ provider, model }) => `${provider.name}/${model}`);
}

describe("prefix", () => {
  test("takes what starts with it, under the given name or its own", () => {
    assert.deepEqual(ask("prefix", { model_prefix: "gpt-", provider: "cloud" }, { model: "gpt-5" }), ["cloud/gpt-5"]);
    const rewritten = { model_prefix: "gpt-", provider: "local", rewrite_model: "qwen3" };
    assert.deepEqual(ask("prefix", rewritten, { model: "gpt-5" }), ["local/qwen3"]);
    assert.deepEqual(ask("prefix", rewritten, { model: "GPT-5" }), []);
    assert.deepEqual(ask("prefix", rewritten, { model: "my-gpt-5" }), []);
  });
  test("passes when its provider was left out", () => {
    assert.deepEqual(ask("prefix", { model_prefix: "", provider: "absent" }), []);
  });
});

test("tag takes what was tagged", () => {
  const rule = { tag: "code", provider: "local", rewrite_model: "coder" };
  assert.deepEqual(ask("tag", rule, { tags: new Set(["code", "x"]) }), ["local/coder"]);
  assert.deepEqual(ask("tag", rule, { tags: new Set(["Code"]) }), []);
});

test("price, latency, throughput and fallback put the best first", () => {
  assert.deepEqual(ask("price", {}), ["local/m", "cheap/m", "cloud/m"]);
  assert.deepEqual(ask("price", { providers: ["cloud"], max_cost_per_1m_tokens: 1 }), []);
  assert.deepEqual(ask("latency", {}), ["cloud/m", "local/m"]);
  assert.deepEqual(ask("latency", { max_latency_ms: 200 }), []);
  assert.deepEqual(ask("throughput", {}), ["cloud/m", "local/m"]);
  assert.deepEqual(ask("throughput", { min_tokens_per_sec: 80 }), ["cloud/m"]);
  assert.deepEqual(ask("fallback", { quality_bias: 1 }), ["cloud/m", "cheap/m", "local/m"]);
  assert.deepEqual(ask("fallback", { quality_bias: 0, rewrite_model: "x" }), ["local/x", "cheap/x", "cloud/x"]);
});

describe("what fails", () => {
  const failing = (share: number, samples = 42): TargetNumbers => ({
    ...CONFIGURED,
    errorRate: ({ name }) => (name === "cloud" ? { value: share, source: "measured", samples } : undefined),
  });

  test("is worth less to fallback, in steps of a tenth", () => {
    const best = (share: number) => ask("fallback", { quality_bias: 1 }, { numbers: failing(share) })[0];
    assert.equal(best(0.04), "cloud/m");
    // 95 by 0.7 is 66.5, and cheap has 70.
    assert.deepEqual([best(0.2), best(0.249), best(0.3), best(1)], ["cloud/m", "cloud/m", "cheap/m", "cheap/m"]);
  });

  test("is told", () => {
    const note = (type: string, share: number) => {
      const kind = RULE_KINDS.find(({ name }) => name === type);
      const rule = kind?.build({ providers: ["cloud"] }, { log: () => undefined, env: {} });
      return rule?.weigh?.(routingRequest({ numbers: failing(share) }), fleet)[0]?.note;
    };
    assert.equal(note("fallback", 0.3), "quality 95, 30 % of 42 requests failed, 10 for 1M tokens");
    assert.equal(note("fallback", 0.04), "quality 95, 10 for 1M tokens");
    assert.equal(note("latency", 0.3), "300 ms (configured), 30 % of 42 requests failed");
    assert.equal(note("throughput", 0.04), "80 tokens/s (configured)");
  });
});

test("discover takes only what the provider reported, also under an alias and Ollama's short name", () => {
  const models = [{ id: "llama3:latest" }, { id: "qwen3:8b" }];
  const small = new Fleet([testProvider({ name: "ollama" }, { models, aliases: { fast: "qwen3:8b" } })]);
  const discovered = (model: string) => ask("discover", { provider: "ollama" }, { model }, () => 0, small);
  assert.deepEqual(discovered("llama3"), ["ollama/llama3"]);
  assert.deepEqual(discovered("llama3:latest"), ["ollama/llama3:latest"]);
  assert.deepEqual(discovered("fast"), ["ollama/fast"]);
  assert.deepEqual(discovered("qwen3"), []);
  assert.deepEqual(
    ask("discover", { provider: "gone" }, { model: "llama3" }, () => 0, small),
    [],
  );
});

describe("random", () => {
  test("draws pairs, leaving out those whose provider is not there", () => {
    const candidates = [
      { provider: "absent", model: "a" },
      { provider: "cloud", model: "b" },
      { provider: "local", model: "c" },
    ];
    const settings = { candidates, providers: ["cheap"], rewrite_model: "ignored" };
    assert.deepEqual(
      ask("random", settings, {}, () => 0.99),
      ["local/c", "cloud/b"],
    );
    assert.deepEqual(
      ask("random", { providers: ["cheap", "cloud"], candidates: [] }, {}, () => 0),
      ["cheap/m", "cloud/m"],
    );
  });
  test("is fair over many draws, in the first place and in the second", () => {
    const first = new Map<string, number>();
    const second = new Map<string, number>();
    for (let round = 0; round < 6000; round++) {
      const [one = "", two = ""] = ask("random", {}, {}, Math.random);
      first.set(one, (first.get(one) ?? 0) + 1);
      second.set(two, (second.get(two) ?? 0) + 1);
    }
    for (const count of [...first.values(), ...second.values()]) assert.ok(count > 1700 && count < 2300, `${count}`);
  });
});

// The oracle: sort everything by the SPEC's formula, stably, and compare.
const numbers = fc.record(
  {
    cost_per_1m_tokens: fc.integer({ min: 0, max: 4 }),
    quality: fc.integer({ min: 0, max: 4 }),
    latency_ms: fc.integer({ min: 0, max: 4 }),
    throughput_tokens_per_sec: fc.integer({ min: 0, max: 4 }),
  },
  { requiredKeys: ["cost_per_1m_tokens", "quality"] },
);
const fleets = fc
  .array(numbers, { maxLength: 6 })
  .map((all) => all.map((config, index) => testProvider({ name: `p${index}`, ...config })));
const limit = fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined });

function expected(all: Provider[], keep: (c: ProviderConfig) => boolean, score: (c: ProviderConfig) => number) {
  return all
    .filter(({ config }) => keep(config))
    .sort((a, b) => score(b.config) - score(a.config))
    .map(({ name }) => `${name}/m`);
}

test("ranking rules agree with sorting everything", () => {
  fc.assert(
    fc.property(fleets, limit, fc.double({ min: 0, max: 1, noNaN: true }), (all, bound, bias) => {
      const from = new Fleet(all);
      const run = (type: string, settings: object) => ask(type, settings, {}, () => 0, from);
      assert.deepEqual(
        run("price", bound === undefined ? {} : { max_cost_per_1m_tokens: bound }),
        expected(
          all,
          (c) => bound === undefined || (c.cost_per_1m_tokens ?? 0) <= bound,
          (c) => -(c.cost_per_1m_tokens ?? 0),
        ),
      );
      assert.deepEqual(
        run("latency", bound === undefined ? {} : { max_latency_ms: bound }),
        expected(
          all,
          (c) => c.latency_ms !== undefined && (bound === undefined || c.latency_ms <= bound),
          (c) => -(c.latency_ms ?? 0),
        ),
      );
      assert.deepEqual(
        run("throughput", bound === undefined ? {} : { min_tokens_per_sec: bound }),
        expected(
          all,
          (c) =>
            c.throughput_tokens_per_sec !== undefined && (bound === undefined || c.throughput_tokens_per_sec >= bound),
          (c) => c.throughput_tokens_per_sec ?? 0,
        ),
      );
      assert.deepEqual(
        run("fallback", { quality_bias: bias }),
        expected(
          all,
          () => true,
          (c) => bias * c.quality - (1 - bias) * (c.cost_per_1m_tokens ?? 0),
        ),
      );
    }),
  );
});

test("fallback weighs quality and price alike, unless it is told", () => {
  const own = new Fleet([
    testProvider({ name: "good", quality: 60, cost_per_1m_tokens: 45 }),
    testProvider({ name: "cheap", quality: 20, cost_per_1m_tokens: 6 }),
  ]);
  assert.equal(ask("fallback", {}, {}, () => 0, own)[0], "good/m");
  assert.equal(ask("fallback", { quality_bias: 0.49 }, {}, () => 0, own)[0], "cheap/m");
});

test("random gives every target once, whatever is drawn", () => {
  const draws = fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }));
  fc.assert(
    fc.property(fleets, draws, (all, stream) => {
      const got = ask("random", {}, {}, () => stream.next().value ?? 0, new Fleet(all));
      assert.deepEqual(got.sort(), all.map(({ name }) => `${name}/m`).sort());
    }),
  );
});

test("rules name the models they send of their own accord", () => {
  const rewrites = (type: string, settings: object) =>
    RULE_KINDS.find((kind) => kind.name === type)?.build(settings, { log: () => undefined, env: {} }).rewrites;
  const m = { rewrite_model: "m" };
  assert.deepEqual(rewrites("prefix", { model_prefix: "", provider: "a", ...m }), [{ providers: ["a"], model: "m" }]);
  assert.deepEqual(rewrites("tag", { tag: "t", provider: "a", ...m }), [{ providers: ["a"], model: "m" }]);
  assert.deepEqual(rewrites("fallback", m), [{ providers: [], model: "m" }]);
  assert.deepEqual(rewrites("random", { providers: ["b"], ...m }), [{ providers: ["b"], model: "m" }]);
  assert.deepEqual(rewrites("random", { ...m, candidates: [{ provider: "c", model: "n" }] }), [
    { providers: ["c"], model: "n" },
  ]);
  for (const type of ["price", "latency", "throughput", "fallback", "random"])
    assert.equal(rewrites(type, {}), undefined);
});
