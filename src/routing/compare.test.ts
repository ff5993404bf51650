import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { testProvider } from "../../test/support/provider.ts";
import { routingRequest } from "../../test/support/routing.ts";
import { Fleet } from "../upstream/provider.ts";
import { Chain } from "./chain.ts";
import type { Known, TargetNumbers } from "./numbers.ts";
import { CONFIGURED } from "./numbers.ts";
import { RULE_KINDS } from "./rules/index.ts";

const fleet = new Fleet([
  testProvider({ name: "a", latency_ms: 300 }),
  testProvider({ name: "b", latency_ms: 400 }),
  testProvider({ name: "c" }),
]);

function latency(settings: object = {}) {
  const kind = RULE_KINDS.find(({ name }) => name === "latency");
  assert.ok(kind);
  return kind.build(settings, { log: () => undefined, env: {} });
}

/** Measured, but for those not named. */
function numbers(ms: Record<string, number>): TargetNumbers {
  const known = (name: string): Known | undefined => {
    const value = ms[name];
    return value === undefined ? undefined : { value, source: "measured", samples: 20 };
  };
  return {
    ...CONFIGURED,
    latencyMs: (provider, model) => known(provider.name) ?? CONFIGURED.latencyMs(provider, model),
  };
}

const order = (ms: Record<string, number>, settings: object = {}) =>
  [...latency(settings).candidates(routingRequest({ numbers: numbers(ms) }), fleet)].map(
    ({ provider }) => provider.name,
  );

test("what is typed in holds until something was measured; limits hold for both", () => {
  assert.deepEqual(order({}), ["a", "b"]);
  assert.deepEqual(order({ b: 100 }), ["b", "a"]);
  assert.deepEqual(order({ c: 100 }), ["c", "a", "b"], "one without a number is in once it was measured");
  assert.deepEqual(order({ a: 900 }, { max_latency_ms: 500 }), ["b"]);
  assert.deepEqual(order({ a: 900, b: 900 }, { max_latency_ms: 500 }), []);
});

test("differences of a fifth are none: the order of the file holds, and so does the rank", () => {
  assert.deepEqual(order({ a: 119, b: 100 }), ["a", "b"]);
  assert.deepEqual(order({ a: 121, b: 100 }), ["b", "a"]);
  const ranks = [...latency().candidates(routingRequest({ numbers: numbers({ a: 119, b: 100 }) }), fleet)];
  assert.equal(ranks[0]?.rank, ranks[1]?.rank);
  const typed = [
    ...latency().candidates(
      routingRequest(),
      new Fleet([testProvider({ name: "x", latency_ms: 109 }), testProvider({ name: "y", latency_ms: 100 })]),
    ),
  ];
  assert.equal(typed[0]?.provider.name, "y", "typed numbers are exact");
});

test("what cannot do it is no measure for what can", () => {
  const seeing = [{ id: "m", capabilities: new Set(["vision"]) }];
  const blind = testProvider({ name: "blind" }, { models: [{ id: "m", capabilities: new Set() }] });
  const own = new Fleet([
    blind,
    testProvider({ name: "x" }, { models: seeing }),
    testProvider({ name: "y" }, { models: seeing }),
  ]);
  const request = routingRequest({ needs: ["vision"], numbers: numbers({ blind: 100, x: 230, y: 200 }) });
  const decided = new Chain([latency()], own).decide(request);
  assert.equal(decided.target?.provider.name, "x", "a fifth slower than the best that sees is as good");
  const affinity = { provider: "x", model: "m", cachedTokens: 0, outputTokens: 0, sticky: "cache" as const };
  assert.equal(new Chain([latency()], own).decide({ ...request, affinity }).target?.provider.name, "x");
});

test("no experiments with who has to stay, or was answered where the rule does not send", () => {
  const prefer = { provider: "a", model: "m", why: "a tool call's result" };
  const affinity = { provider: "gone", model: "m", cachedTokens: 0, outputTokens: 0, sticky: "cache" as const };
  for (const more of [{ prefer }, { affinity }]) {
    const request = routingRequest({ numbers: numbers({ a: 100 }), explore: 1, random: () => 0, ...more });
    const names = [...latency().candidates(request, fleet)].map(({ provider }) => provider.name);
    assert.deepEqual(names, ["a", "b"]);
  }
});

describe("exploration", () => {
  const explored = (
    ms: Record<string, number>,
    explore: number | undefined,
    draws: number[],
    settings: object = {},
  ) => {
    let at = 0;
    const rule = latency(settings);
    const request = routingRequest({ numbers: numbers(ms), explore, random: () => draws[at++] ?? 0 });
    return [...rule.candidates(request, fleet)].map(({ provider, why }) => (why ? `${provider.name}!` : provider.name));
  };

  test("a share of requests goes to another than the best first, measured or not", () => {
    assert.deepEqual(explored({ a: 100 }, 0.02, [0.01, 0]), ["b!", "a"]);
    assert.deepEqual(explored({ a: 100 }, 0.02, [0.01, 0.99]), ["c!", "a", "b"]);
    assert.deepEqual(explored({ a: 100 }, 0.02, [0.03]), ["a", "b"]);
  });

  test("only by the rule that decides, not by those a failed request goes on to", () => {
    const chain = new Chain([latency({ providers: ["a"] }), latency({ providers: ["b", "c"] })], fleet);
    const request = routingRequest({ numbers: numbers({ a: 100, b: 100, c: 900 }), explore: 1, random: () => 0 });
    const walk = [...chain.walk(request, chain.decide(request), "chain")];
    assert.deepEqual(
      walk.map(({ provider, why }) => [provider.name, why]),
      [
        ["a", undefined],
        ["b", undefined],
        ["c", undefined],
      ],
    );
  });

  test("never without measured numbers, never to one that a limit shuts out, never outside the rule", () => {
    assert.deepEqual(explored({}, 1, [0, 0]), ["a", "b"]);
    assert.deepEqual(explored({ a: 100, b: 900, c: 900 }, 1, [0, 0], { max_latency_ms: 500 }), ["a"]);
    assert.deepEqual(explored({ a: 100 }, 1, [0, 0], { providers: ["a", "b"] }), ["b!", "a"]);
    assert.deepEqual(explored({ a: 100 }, undefined, [0, 0]), ["a", "b"]);
  });
});

test("an independent look at any fleet agrees on the choice", () => {
  const known = fc.option(fc.record({ value: fc.integer({ min: 1, max: 2_000 }), measured: fc.boolean() }));
  fc.assert(
    fc.property(
      fc.array(known, { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 2_000 }),
      (list, ceiling) => {
        const many = new Fleet(
          list.map((one, index) =>
            testProvider({ name: `p${index}`, ...(one && !one.measured && { latency_ms: one.value }) }),
          ),
        );
        const seen = Object.fromEntries(
          list.flatMap((one, index) => (one?.measured ? [[`p${index}`, one.value]] : [])),
        );
        const request = routingRequest({ numbers: numbers(seen) });
        const [first] = latency({ max_latency_ms: ceiling }).candidates(request, many);
        // Written out: the least within the limit; of those within a fifth of it, where measured, the first.
        const inside = list.flatMap((one, index) => (one && one.value <= ceiling ? [{ ...one, index }] : []));
        const least = inside.toSorted((x, y) => x.value - y.value || x.index - y.index)[0];
        const same = inside.filter(
          (one) =>
            least &&
            (one.value === least.value ||
              ((one.measured || least.measured) && one.value - least.value <= 0.2 * least.value)),
        );
        assert.equal(first?.provider.name, least && `p${same[0]?.index}`);
      },
    ),
  );
});
