import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeClock } from "../../test/support/fake-clock.ts";
import { testProvider } from "../../test/support/provider.ts";
import { routingRequest } from "../../test/support/routing.ts";
import { configSchema } from "../config/config.ts";
import { seededRandom } from "../core/seeded-random.ts";
import { Pricing } from "../cost/pricing.ts";
import { Resilience } from "../resilience/resilience.ts";
import { Chain } from "../routing/chain.ts";
import { RULE_KINDS } from "../routing/rules/index.ts";
import { Fleet } from "../upstream/provider.ts";
import { MeasuredNumbers } from "./measured-numbers.ts";

/** Providers by name: how long they take at a time (ms), before chance has its part. */
type Fleets = Readonly<Record<string, (nowMs: number) => number>>;

/** A day of requests, one every `everyMs`, against a `latency` rule that goes by what it measures. */
function simulate(
  latencies: Fleets,
  {
    requests,
    everyMs = 1_000,
    explore = 0.02,
    seed = 1,
    configured = true,
  }: {
    requests: number;
    everyMs?: number;
    explore?: number;
    seed?: number;
    configured?: boolean;
  },
) {
  const clock = new FakeClock();
  const random = seededRandom(seed);
  const resilience = new Resilience(configSchema.parse({}), clock, () => undefined);
  const { typical } = resilience;
  const pricing = new Pricing(() => undefined);
  const providers = Object.keys(latencies).map((name) =>
    testProvider({ name, ...(configured && { latency_ms: latencies[name]?.(0) ?? 0 }) }),
  );
  const kind = RULE_KINDS.find(({ name }) => name === "latency");
  assert.ok(kind);
  const rule = kind.build(configured ? {} : { providers: [] }, { log: () => undefined, env: {} });
  const chain = new Chain([rule], new Fleet(providers));
  const chosen: { atMs: number; name: string; explored: boolean }[] = [];
  for (let at = 0; at < requests; at++) {
    clock.advance(everyMs);
    const how = { stream: true, bytes: 2_000, requestedModel: "m", maxOutputTokens: undefined };
    const numbers = new MeasuredNumbers({ resilience, pricing }, { ...how, routing: routingRequest() });
    const { target } = chain.decide(routingRequest({ numbers, explore, random }));
    assert.ok(target);
    const { name } = target.provider;
    // A third up or down, now and then three times as long: what answers of models are like.
    const chance = (0.67 + 0.66 * random()) * (random() < 0.03 ? 3 : 1);
    typical.firstToken.observe(name, "m", (latencies[name]?.(clock.nowMs()) ?? 0) * chance, 2_000);
    chosen.push({ atMs: clock.nowMs(), name, explored: target.why !== undefined });
  }
  const meant = chosen.filter(({ explored }) => !explored);
  const switches = meant.filter(({ name }, index) => index > 0 && name !== meant[index - 1]?.name).length;
  return { chosen, meant, switches, explored: chosen.length - meant.length };
}

describe("measured routing, in simulated fleets", () => {
  test("leaves a provider that became slow within three minutes, and comes back when it is well", () => {
    const slowMs = 1_000_000;
    const wellMs = 2_000_000;
    const { meant, switches } = simulate(
      { a: (now) => (now > slowMs && now < wellMs ? 3_000 : 300), b: () => 600 },
      { requests: 4_000 },
    );
    const left = meant.find(({ atMs, name }) => atMs > slowMs && name === "b");
    assert.ok(left && left.atMs - slowMs <= 180_000, `left after ${(left?.atMs ?? 0) - slowMs} ms`);
    const back = meant.find(({ atMs, name }) => atMs > wellMs && name === "a");
    assert.ok(back, "never came back");
    assert.ok(switches <= 4, `${switches} switches`);
  });

  test("does not go to and fro between two that are alike", () => {
    const { switches, explored } = simulate({ a: () => 500, b: () => 500, c: () => 505 }, { requests: 10_000 });
    assert.ok(switches <= 50, `${switches} switches in 10,000 requests`);
    assert.ok(explored > 120 && explored < 300, `${explored} explored`);
  });

  test("is better than what the config says when that is wrong", () => {
    const { meant } = simulate({ wrong: (now) => (now === 0 ? 100 : 2_000), right: () => 400 }, { requests: 1_000 });
    const late = meant.slice(-500);
    assert.ok(late.filter(({ name }) => name === "right").length > 490);
  });
});
