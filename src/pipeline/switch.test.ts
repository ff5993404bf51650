import assert from "node:assert/strict";
import { test } from "node:test";
import { testProvider } from "../../test/support/provider.ts";
import { NO_USAGE } from "../core/usage.ts";
import { Pricing } from "../cost/pricing.ts";
import { switchOf } from "./switch.ts";

const pricing = new Pricing(() => undefined);
const before = { provider: "a", model: "m", cachedTokens: 40_000, outputTokens: 500 };
const priced = testProvider({ name: "b", prices: { input: 3, output: 15, cached_read: 0.3 } });

test("what moves is told with the tokens that were cached, and what they cost more", () => {
  assert.deepEqual(switchOf({ lastAnswer: before, usage: undefined }, { provider: priced, model: "n" }, pricing, 0), {
    from: { provider: "a", model: "m" },
    to: { provider: "b", model: "n" },
    uncached_tokens: 40_000,
    usd: 0.108,
  });
  const cut = { ...NO_USAGE, input: 10_000 };
  const short = switchOf({ lastAnswer: before, usage: cut }, { provider: priced, model: "n" }, pricing, 0);
  assert.deepEqual([short?.uncached_tokens, short?.usd], [10_000, 0.027]);
});

test("another model of the same provider is another cache; where no price is known there is none", () => {
  const provider = testProvider({ name: "a" });
  assert.equal(switchOf({ lastAnswer: before, usage: undefined }, { provider, model: "m" }, pricing, 0), undefined);
  assert.equal(switchOf({ lastAnswer: before, usage: undefined }, { provider, model: "n" }, pricing, 0)?.usd, null);
  assert.equal(switchOf({ lastAnswer: undefined, usage: undefined }, { provider, model: "m" }, pricing, 0), undefined);
});
