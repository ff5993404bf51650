import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { testProvider } from "../../../test/support/provider.ts";
import { routingRequest } from "../../../test/support/routing.ts";
import { configSchema, type PricesConfig, type ProviderConfig } from "../../config/config.ts";
import { Pricing } from "../../cost/pricing.ts";
import { Resilience } from "../../resilience/resilience.ts";
import { CONFIGURED, costText, type TargetNumbers } from "../../routing/numbers.ts";
import type { Affinity, RoutingRequest } from "../../routing/rule.ts";
import { RULE_KINDS } from "../../routing/rules/index.ts";
import { Fleet, type Provider } from "../../upstream/provider.ts";
import { MeasuredNumbers, type MeasuredRequest } from "./measured-numbers.ts";

const AUG = Date.parse("2026-08-01T12:00:00Z");

function setUp() {
  const clock = new FakeClock();
  const resilience = new Resilience(configSchema.parse({}), clock, () => undefined);
  const pricing = new Pricing(() => undefined);
  const numbers = (routing: Partial<RoutingRequest>, more: Partial<MeasuredRequest> = {}): MeasuredNumbers => {
    const how = { stream: true, bytes: 2_000, requestedModel: "m", maxOutputTokens: undefined };
    return new MeasuredNumbers({ resilience, pricing }, { ...how, ...more, routing: routingRequest(routing) });
  };
  return { clock, resilience, pricing, numbers };
}

/** Where a rule would send it, and in which order. */
function order(type: string, fleet: Fleet, numbers: TargetNumbers | undefined, settings: object = {}): string[] {
  const rule = RULE_KINDS.find(({ name }) => name === type)?.build(settings, { log: () => undefined, env: {} });
  assert.ok(rule);
  return [...rule.candidates(routingRequest({ numbers }), fleet)].map(({ provider }) => provider.name);
}

const hosted = (name: string, origin: string, config: Partial<ProviderConfig> = {}): Provider => ({
  ...testProvider({ name, ...config }),
  origin,
  nearby: false,
});

const some = fc.double({ min: 0, max: 50, noNaN: true });
const ownPrices = fc.oneof(
  fc.record({ cost_per_1m_tokens: some }),
  fc.record({ prices: fc.record({ input: some, output: some }) }),
  fc.record({ prices: fc.record({ input: some, output: some, cached_read: some }) }),
  fc.record({ cost_per_1m_tokens: some, model_prices: fc.record({ m: fc.record({ input: some, output: some }) }) }),
  fc.constant({}),
);

/** What a million of its tokens cost, worked out by hand. */
function byHand(
  { cost_per_1m_tokens: flat, prices, model_prices }: ProviderConfig,
  { input, cached, output }: { input: number; cached: number; output: number },
): number {
  const own: PricesConfig | undefined =
    model_prices["m"] ?? prices ?? (flat === undefined ? undefined : { input: flat, output: flat });
  if (!own) return 0;
  let sum = 0;
  for (const [tokens, price] of [
    [input - cached, own.input],
    [cached, own.cached_read ?? own.input],
    [output, own.output],
  ] as const)
    sum += tokens * price;
  return sum / (input + output);
}

describe("what a request is expected to cost", () => {
  test("is the same worked out by hand, for every target, and the cheapest comes first", () => {
    fc.assert(
      fc.property(
        fc.array(ownPrices, { minLength: 1, maxLength: 6 }),
        fc.record({ input: fc.integer({ min: 1, max: 200_000 }), cached: fc.nat(250_000), output: fc.nat(9_000) }),
        fc.nat(8),
        (configs, { input, cached, output }, tied) => {
          const providers = configs.map((config, at) => testProvider({ name: `p${at}`, ...config }));
          const affinity: Affinity = {
            provider: `p${tied}`,
            model: "m",
            cachedTokens: cached,
            outputTokens: output,
            sticky: "cache",
          };
          const numbers = setUp().numbers({ inputTokens: input, affinity });
          const expected = providers.map(({ name, config }) => {
            const inCache = name === `p${tied}` ? Math.min(cached, input) : 0;
            return { name, cost: byHand(config, { input, cached: inCache, output }) };
          });
          for (const [at, { cost }] of expected.entries()) {
            const provider = providers[at];
            assert.ok(provider);
            const said = numbers.costPer1M(provider, "m")?.value ?? 0;
            assert.ok(Math.abs(said - cost) <= 1e-9 * (1 + cost), `${said}, by hand ${cost}`);
          }
          const [first] = order("price", new Fleet(providers), numbers);
          const least = Math.min(...expected.map(({ cost }) => cost));
          const chosen = expected.find(({ name }) => name === first);
          assert.ok(chosen && chosen.cost - least <= 1e-9 * (1 + least));
        },
      ),
    );
  });

  test("one price for all tokens is that very number, and the prompt is not even measured for it", () => {
    const routing = {
      wallMs: 0,
      get inputTokens(): number {
        throw new Error("the prompt was measured");
      },
    };
    const { pricing, resilience } = setUp();
    const how = { stream: true, bytes: 2_000, requestedModel: "m", maxOutputTokens: undefined, routing };
    const numbers = new MeasuredNumbers({ resilience, pricing }, how);
    fc.assert(
      fc.property(some, (flat) => {
        const said = numbers.costPer1M(testProvider({ name: "p", cost_per_1m_tokens: flat }), "m");
        assert.deepEqual(said, { value: flat, source: "configured" });
      }),
    );
    const tenth = numbers.costPer1M(testProvider({ name: "p", cost_per_1m_tokens: 0.1 }), "m");
    assert.equal(costText(tenth), "0.1 for 1M tokens");
  });

  test("the answer is as long as the model's lately, else 400 tokens, and never longer than the request allows", () => {
    const { resilience, numbers, clock } = setUp();
    const provider = testProvider({ name: "p", prices: { input: 1, output: 2 } });
    const output = (more: Partial<MeasuredRequest> = {}) =>
      numbers({ inputTokens: 1_000 }, more).costPer1M(provider, "sent")?.tokens?.output;
    assert.equal(output(), 400);
    assert.equal(output({ maxOutputTokens: 100 }), 100);
    for (const tokens of [40, 50, 60, 70, 5_000]) resilience.answers.observe("", "m", tokens, 2_000);
    clock.advance(1_000);
    assert.equal(output(), 60);
    assert.equal(output({ requestedModel: "other" }), 400);
    assert.equal(output({ maxOutputTokens: 50 }), 50);
    resilience.keep(new Set());
    assert.equal(output(), 60, "whoever answered them");
  });

  test("notes say what it is for, and what is not known", () => {
    const { numbers } = setUp();
    const affinity: Affinity = { provider: "p", model: "m", cachedTokens: 11_400, outputTokens: 300, sticky: "cache" };
    const known = numbers({ inputTokens: 12_000, affinity }).costPer1M(
      testProvider({ name: "p", prices: { input: 3, output: 15, cached_read: 0.3 } }),
      "m",
    );
    assert.equal(
      costText(known),
      "0.7902 for 1M tokens (configured; 12,000 in, of which 11,400 cached, about 300 out)",
    );
    assert.equal(costText(numbers({}).costPer1M(testProvider({ name: "free" }), "m")), "no price known, taken as 0");
  });
});

describe("with the catalogue", () => {
  const deepseek = hosted("deepseek", "https://api.deepseek.com");
  const gemini = hosted("gemini", "https://generativelanguage.googleapis.com");
  const costOf = async (provider: Provider, model: string, routing: Partial<RoutingRequest>) => {
    const { numbers, pricing } = setUp();
    await pricing.load([provider]);
    return numbers(routing).costPer1M(provider, model);
  };

  test("it is cheaper at night where the provider is", async () => {
    const at = (hour: number) =>
      costOf(deepseek, "deepseek-chat", { inputTokens: 600, wallMs: AUG - (12 - hour) * 3_600_000 });
    const [noon, evening] = [await at(12), await at(20)];
    assert.ok(noon && evening && Math.abs(evening.value - noon.value / 2) < 1e-12, `${noon?.value}, ${evening?.value}`);
    assert.equal(noon.source, "catalogue");
  });

  test("a longer prompt may cost more for each token, and what nobody lists has no price", async () => {
    const at = (inputTokens: number) => costOf(gemini, "gemini-2.5-pro", { inputTokens, wallMs: AUG });
    const [short, long] = [await at(200_000), await at(200_001)];
    assert.ok(short && long && long.value > 1.9 * short.value);
    assert.equal(await costOf(gemini, "no-such-model", { wallMs: AUG }), undefined);
  });
});

test("measured = false: exactly the numbers of the config, as before there were others", () => {
  const config = fc.record({
    cost_per_1m_tokens: fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined }),
    quality: fc.integer({ min: 0, max: 9 }),
    prices: fc.option(fc.record({ input: some, output: some }), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.array(config, { maxLength: 6 }), fc.double({ min: 0, max: 1, noNaN: true }), (configs, bias) => {
      const all = configs.map(({ cost_per_1m_tokens: flat, prices, quality }, at) =>
        testProvider({
          name: `p${at}`,
          quality,
          ...(flat !== undefined && { cost_per_1m_tokens: flat }),
          ...(prices && { prices }),
        }),
      );
      const fleet = new Fleet(all);
      const sorted = (score: (config: ProviderConfig) => number) =>
        all.toSorted((a, b) => score(b.config) - score(a.config)).map(({ name }) => name);
      for (const numbers of [undefined, CONFIGURED]) {
        assert.deepEqual(
          order("price", fleet, numbers),
          sorted((one) => -(one.cost_per_1m_tokens ?? 0)),
        );
        assert.deepEqual(
          order("fallback", fleet, numbers, { quality_bias: bias }),
          sorted((one) => bias * one.quality - (1 - bias) * (one.cost_per_1m_tokens ?? 0)),
        );
      }
    }),
  );
});
