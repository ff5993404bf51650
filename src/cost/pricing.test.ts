import { deepEqual, equal, ok } from "node:assert/strict";
import { before, describe, test } from "node:test";
import { calcPrice } from "@pydantic/genai-prices";
import { providerSchema } from "../config/config.ts";
import { reportedUsage } from "../core/usage.ts";
import { buildFleet } from "../upstream/build-fleet.ts";
import type { Provider } from "../upstream/provider.ts";
import { PROVIDER_HALVES } from "../wire/registry.ts";
import { UNKNOWN_COST } from "./cost.ts";
import { Pricing } from "./pricing.ts";

const NOW = Date.parse("2026-11-28T12:00:00Z");
const USAGE = reportedUsage({ input: 10_000, output: 1_000, cachedRead: 6_000, cacheWrite: 2_000 });

function provider(config: Record<string, unknown>): Provider {
  const variable = typeof config["preset"] === "string" ? { api_key_env: "KEY" } : {};
  const parsed = providerSchema.parse({ name: "p", ...variable, ...config });
  const built = buildFleet([parsed], { KEY: "key-of-a-test" }, PROVIDER_HALVES).fleet.get("p");
  ok(built);
  return built;
}

const local = (config: Record<string, unknown>) =>
  provider({ format: "openai", base_url: "http://127.0.0.1:8080/v1", ...config });

describe("prices of the config", () => {
  const pricing = new Pricing(() => undefined);
  const usd = (config: Record<string, unknown>, model = "m") => pricing.costOf(local(config), model, USAGE, NOW);

  test("not given: not known; given as 0: nothing", () => {
    deepEqual(usd({}), UNKNOWN_COST);
    deepEqual(usd({ cost_per_1m_tokens: 0 }), { usd: 0, source: "configured" });
  });

  test("one price for all tokens", () => {
    deepEqual(usd({ cost_per_1m_tokens: 10 }), { usd: 0.11, source: "configured" });
  });

  test("prices of their own; what is left out costs as much as input, an hour in the cache as much as any", () => {
    deepEqual(usd({ prices: { input: 3, output: 15 } }).usd, 0.045);
    deepEqual(usd({ prices: { input: 3, output: 15, cached_read: 0.3 } }).usd, 0.0288);
    deepEqual(usd({ prices: { input: 3, output: 15, cached_read: 0.3, cache_write: 3.75 } }).usd, 0.0303);
    const long = reportedUsage({ input: 1_000, cacheWrite: 1_000, cacheWriteLong: 1_000 });
    const prices = { input: 3, output: 15, cache_write: 3.75 };
    equal(pricing.costOf(local({ prices }), "m", long, NOW).usd, 0.00375);
    equal(pricing.costOf(local({ prices: { ...prices, cache_write_1h: 6 } }), "m", long, NOW).usd, 0.006);
  });

  test("the model's before the provider's, those before the one price; no model is called by what objects have", () => {
    const config = {
      cost_per_1m_tokens: 1,
      prices: { input: 2, output: 2 },
      model_prices: { big: { input: 4, output: 4 } },
    };
    deepEqual([usd(config, "big").usd, usd(config, "m").usd, usd(config, "constructor").usd], [0.044, 0.022, 0.022]);
    deepEqual(usd({ model_prices: config.model_prices }), UNKNOWN_COST);
  });

  test("a prompt alone", () => {
    const seller = local({ prices: { input: 3, output: 15 } });
    deepEqual(pricing.inputCost(seller, "m", 1_000, NOW), { usd: 0.003, source: "configured" });
  });
});

describe("prices of the catalogue", () => {
  const pricing = new Pricing(() => undefined);
  const at = (config: Record<string, unknown>, model: string, wallMs = NOW) =>
    pricing.pricesOf(provider(config), model, wallMs);

  test("before it is read none is known", () => {
    equal(at({ preset: "openai" }, "gpt-5.2"), undefined);
  });

  describe("once it is read", () => {
    before(() => pricing.load([provider({ preset: "openai" })]));

    for (const [preset, model, input, output, cachedRead] of [
      ["anthropic", "claude-opus-4-5", 5, 25, 0.5],
      ["anthropic", "claude-opus-4-5-20251101", 5, 25, 0.5],
      ["anthropic", "claude-haiku-4-5", 1, 5, 0.1],
      ["openai", "gpt-4o", 2.5, 10, 1.25],
      ["openai", "gpt-5.2", 1.75, 14, 0.175],
      ["openai", "gpt-5-mini", 0.25, 2, 0.025],
      ["gemini", "gemini-2.5-pro", 1.25, 10, 0.125],
      ["gemini", "models/gemini-2.5-flash", 0.3, 2.5, 0.03],
      ["gemini-openai", "gemini-2.5-flash", 0.3, 2.5, 0.03],
      ["xai", "grok-4", 3, 15, 0.75],
      ["openrouter", "anthropic/claude-haiku-4.5", 1, 5, 0.1],
    ] as const) {
      test(`${model} at ${preset}`, () => {
        const prices = at({ preset }, model);
        deepEqual(
          [prices?.source, prices?.input, prices?.output, prices?.cachedRead],
          ["catalogue", input, output, cachedRead],
        );
      });
    }

    test("Anthropic's cache: written for five minutes, and for an hour", () => {
      const prices = at({ preset: "anthropic" }, "claude-opus-4-5");
      deepEqual([prices?.cacheWrite, prices?.cacheWriteLong], [6.25, 10]);
    });

    test("a longer prompt is dearer where the provider says so, and for all of its tokens", () => {
      const seller = provider({ preset: "gemini" });
      const cost = (input: number) =>
        pricing.costOf(seller, "gemini-2.5-pro", reportedUsage({ input, output: 1_000 }), NOW).usd;
      equal(cost(200_000), 0.26);
      equal(cost(200_001), 0.5150025);
    });

    test("a plain address is as good as a preset; an alias is looked up by the name it stands for", () => {
      ok(at({ format: "openai", base_url: "https://api.openai.com/v1" }, "gpt-4o"));
      equal(at({ format: "openai", base_url: "https://proxy.example/v1" }, "gpt-4o"), undefined);
    });

    test("nobody's list price for models of one's own, wherever they are called alike", () => {
      for (const config of [
        { format: "openai", base_url: "http://127.0.0.1:8080/v1" },
        { format: "openai", base_url: "http://192.168.1.5/v1" },
        { format: "ollama", base_url: "http://gpu.example:11434" },
        { format: "simulated" },
      ])
        equal(at(config, "gpt-4o"), undefined, JSON.stringify(config));
    });

    test("names nobody knows, and such as are no names", () => {
      for (const model of ["no-such-model", "", "x".repeat(1e6), "__proto__", "gpt-4o\n"])
        equal(at({ preset: "mistral" }, model), undefined);
      for (let turn = 0; turn < 1_500; turn++) at({ preset: "mistral" }, `m${turn}`);
      ok(at({ preset: "mistral" }, "mistral-large-latest"));
    });

    test("what is paid for more than text has no price here", () => {
      for (const [preset, model] of [
        ["perplexity", "sonar-pro"],
        ["gemini", "gemini-2.5-flash-image"],
      ] as const)
        equal(at({ preset }, model), undefined, model);
    });

    test("a price that begins later is not there before, and is from then on", () => {
      const of = (day: string) => at({ preset: "anthropic" }, "claude-sonnet-4-5", Date.parse(day))?.cacheWriteLong;
      equal(of("2026-11-28"), 6);
      const cached = at({ preset: "deepseek" }, "deepseek-chat", Date.parse("2026-11-28T12:00:00Z"));
      ok(cached);
    });

    test("the owner's own price counts before it", () => {
      const prices = at({ preset: "openai", prices: { input: 1, output: 2 } }, "gpt-4o");
      deepEqual([prices?.source, prices?.input, prices?.output], ["configured", 1, 2]);
    });

    test("costs are those the library comes to itself", () => {
      const long = reportedUsage({
        input: 300_000,
        output: 5_000,
        cachedRead: 90_000,
        cacheWrite: 9_000,
        cacheWriteLong: 500,
      });
      const wallMs = NOW;
      for (const [preset, url, models] of [
        ["anthropic", "https://api.anthropic.com/v1", ["claude-opus-4-5", "claude-sonnet-4-5", "claude-haiku-4-5"]],
        ["openai", "https://api.openai.com/v1", ["gpt-5.2", "gpt-5-mini", "gpt-4o", "o3"]],
        ["gemini", "https://generativelanguage.googleapis.com/v1beta", ["gemini-2.5-pro", "gemini-2.5-flash"]],
        ["xai", "https://api.x.ai/v1", ["grok-4", "grok-4.5"]],
      ] as const)
        for (const model of models)
          for (const usage of [USAGE, long]) {
            const theirs = calcPrice(
              {
                input_tokens: usage.input,
                output_tokens: usage.output,
                cache_read_tokens: usage.cachedRead,
                cache_write_tokens: usage.cacheWrite,
                cache_write_1h_tokens: usage.cacheWriteLong,
              },
              model,
              { providerApiUrl: url, timestamp: new Date(wallMs) },
            );
            const { usd } = pricing.costOf(provider({ preset }), model, usage, wallMs);
            ok(theirs && usd !== null && Math.abs(usd - theirs.total_price) < 1e-9, `${model}: ${usd}`);
          }
    });
  });

  test("it is not read where every provider has a price, or is nearby", async () => {
    const unread = new Pricing(() => undefined);
    const priced = { preset: "openai", prices: { input: 1, output: 1 } };
    await unread.load([provider(priced), provider({ format: "simulated" })]);
    equal(unread.pricesOf(provider({ preset: "openai" }), "gpt-4o", NOW), undefined);
  });
});
