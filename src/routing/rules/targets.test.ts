import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { testProvider } from "../../../test/support/provider.ts";
import { routingRequest } from "../../../test/support/routing.ts";
import type { ClientFacts } from "../../core/stage-tools.ts";
import { Fleet } from "../../upstream/provider.ts";
import { Chain } from "../chain.ts";
import { CONFIGURED } from "../numbers.ts";
import type { RoutingRequest, Rule } from "../rule.ts";
import { RULE_KINDS } from "./index.ts";

const fleet = new Fleet([
  testProvider({ name: "small" }, { models: [{ id: "s", contextLength: 8_192 }] }),
  testProvider({ name: "large" }, { models: [{ id: "l", contextLength: 200_000 }] }),
  testProvider({ name: "other" }),
]);

function rule(type: string, settings: object): Rule {
  const kind = RULE_KINDS.find((one) => one.name === type);
  assert.ok(kind);
  return kind.build(settings, { log: () => undefined, env: {} });
}

function ask(one: Rule, request: Partial<RoutingRequest> = {}): string[] {
  const targets = one.when?.(routingRequest(request)) ? [] : one.candidates(routingRequest(request), fleet);
  return [...targets].map(({ provider, model }) => `${provider.name}/${model}`);
}

const talk = (conversation: string): Partial<RoutingRequest> => {
  const client: ClientFacts = {
    dialect: "openai",
    agent: "codex",
    key: "ci",
    headers: {},
    conversation,
    stream: false,
  };
  return { client };
};

test("alias: one name for a list of targets, which the model list shows", () => {
  const targets = [{ provider: "small", model: "s" }, { provider: "absent" }, { provider: "other" }];
  const fast = rule("alias", { alias: "fast", targets });
  assert.deepEqual(ask(fast, { model: "fast" }), ["small/s", "other/fast"]);
  assert.deepEqual(ask(fast, { model: "Fast" }), []);
  assert.deepEqual(fast.rewrites?.[0], { providers: ["small"], model: "fast", sent: "s" });
});

test("context: those whose window holds prompt and answer, and those nobody knows", () => {
  const targets = [{ provider: "small", model: "s" }, { provider: "large", model: "l" }, { provider: "other" }];
  const fits = rule("context", { targets, reserve_tokens: 1_000 });
  assert.deepEqual(ask(fits, { inputTokens: 7_192 }), ["small/s", "large/l", "other/m"]);
  assert.deepEqual(ask(fits, { inputTokens: 7_193 }), ["large/l", "other/m"]);
  assert.deepEqual(ask(fits, { inputTokens: 199_001 }), ["other/m"]);
});

describe("cheapest-capable", () => {
  const costing = (costs: Record<string, number>): Partial<RoutingRequest> => ({
    numbers: {
      ...CONFIGURED,
      costPer1M: (_, model) => ({ value: costs[model] ?? 0, source: "catalogue" }),
    },
  });
  const targets = [
    { provider: "large", model: "l", quality: 90 },
    { provider: "small", model: "s", quality: 70 },
    { provider: "other", model: "o" },
  ];

  test("the cheapest of those that are good enough, by each target's own mark or else its provider's", () => {
    const asked = costing({ l: 3, s: 1 });
    assert.deepEqual(ask(rule("cheapest-capable", { min_quality: 70, targets }), asked), ["small/s", "large/l"]);
    assert.deepEqual(ask(rule("cheapest-capable", { min_quality: 71, targets }), asked), ["large/l"]);
    assert.deepEqual(ask(rule("cheapest-capable", { min_quality: 0, targets }), asked), [
      "other/o",
      "small/s",
      "large/l",
    ]);
    assert.deepEqual(ask(rule("cheapest-capable", { min_quality: 99, targets }), asked), []);
    assert.deepEqual(ask(rule("cheapest-capable", { min_quality: 0, providers: ["large"] }), asked), ["large/m"]);
  });

  test("none that costs more than the limit, or does not hold the prompt", () => {
    const asked = costing({ l: 3, s: 1 });
    const limited = rule("cheapest-capable", { min_quality: 70, targets, max_cost_per_1m_tokens: 1 });
    assert.deepEqual(ask(limited, { ...asked, inputTokens: 4_096 }), ["small/s"]);
    assert.deepEqual(ask(limited, { ...asked, inputTokens: 4_097 }), []);
    const notes = limited.weigh?.(routingRequest({ ...asked, inputTokens: 4_097 }), fleet).map(({ note }) => note);
    assert.deepEqual(notes, [
      "quality 90, 3 for 1M tokens (catalogue): more than 1",
      "quality 70, 1 for 1M tokens (catalogue): its context window is too small",
      "quality 0, 0 for 1M tokens (catalogue): less than 70",
    ]);
  });

  test("is the first of the chain's sorted by cost, whatever they cost and are worth", () => {
    const some = fc.record({ quality: fc.integer({ min: 0, max: 5 }), cost: fc.integer({ min: 0, max: 5 }) });
    fc.assert(
      fc.property(fc.array(some, { minLength: 1, maxLength: 8 }), fc.integer({ min: 0, max: 6 }), (all, floor) => {
        const named = all.map(({ quality, cost }, at) => ({ model: `m${at}`, quality, cost }));
        const costs = Object.fromEntries(named.map(({ model, cost }) => [model, cost]));
        const own = named.map(({ model, quality }) => ({ provider: "other", model, quality }));
        const expected = named
          .filter(({ quality }) => quality >= floor)
          .toSorted((a, b) => a.cost - b.cost)
          .map(({ model }) => `other/${model}`);
        assert.deepEqual(ask(rule("cheapest-capable", { min_quality: floor, targets: own }), costing(costs)), expected);
      }),
    );
  });

  test("is told either its providers or its targets", () => {
    const kind = RULE_KINDS.find(({ name }) => name === "cheapest-capable");
    assert.equal(kind?.check?.({ providers: ["a"], targets: [{ provider: "a" }] }).length, 1);
    assert.equal(kind?.check?.({ targets: [{ provider: "a" }] }).length, 0);
  });
});

test("match, client and schedule send what they describe, and refuse to describe nothing", () => {
  const match = rule("match", { any: [{ tag: "code" }, { model: "gpt-*" }], provider: "large", rewrite_model: "l" });
  assert.deepEqual(ask(match, { model: "gpt-5" }), ["large/l"]);
  assert.deepEqual(ask(match, { model: "o3" }), []);
  assert.deepEqual(ask(rule("client", { agent: "codex", provider: "small" }), talk("c")), ["small/m"]);
  const thursdays = rule("schedule", { days: ["thu"], time_zone: "UTC", provider: "small" });
  assert.deepEqual(ask(thursdays, { wallMs: 0 }), ["small/m"]);
  assert.deepEqual(ask(thursdays, { wallMs: 86_400_000 }), []);
  for (const name of ["match", "client", "schedule"]) {
    const kind = RULE_KINDS.find((one) => one.name === name);
    assert.match(kind?.check?.({ provider: "small" })[0]?.message ?? "", /says nothing of the requests it is for/);
  }
});

test("every rule takes `when`; the decision says why one was passed by, also after a failure", () => {
  const cheap = rule("price", { when: { tag: "cheap" } });
  const late = rule("random", { when: { none: [{ tag: "private" }] } });
  const chain = new Chain([cheap, rule("match", { model: "*", provider: "small", failover: "chain" }), late], fleet);
  const request = routingRequest({ tags: new Set(["private"]) });
  const decision = chain.decide(request);
  assert.deepEqual(
    decision.verdicts.map(({ outcome, reason }) => [outcome, reason]),
    [
      ["passed", "not tagged cheap"],
      ["chosen", undefined],
      ["not-asked", undefined],
    ],
  );
  assert.equal([...chain.walk(request, decision, "chain")].length, 1, "what is private goes nowhere else");
  assert.equal([...chain.walk(routingRequest(), chain.decide(routingRequest()), "chain")].length, 3);
  assert.match(cheap.label, /, when tag cheap$/);
});

describe("weighted", () => {
  const targets = [
    { provider: "small", weight: 90 },
    { provider: "large", weight: 10 },
  ];
  const firsts = (one: Rule, count: number) => Array.from({ length: count }, (_, i) => ask(one, talk(`c${i}`))[0]);

  test("gives each its share of the conversations, and keeps them there", () => {
    const shared = rule("weighted", { targets });
    assert.equal(shared.label, "weighted → 90 % small, 10 % large");
    const first = firsts(shared, 4_000);
    const large = first.filter((name) => name === "large/m").length;
    // 400 expected; the conversations are always the same, so this is no matter of luck.
    assert.ok(large > 340 && large < 460, `${large} of 4,000`);
    assert.deepEqual(firsts(shared, 4_000), first);
    assert.deepEqual(ask(shared, talk("c0")).toSorted(), ["large/m", "small/m"], "the other is for failover");
  });

  test("moves only as many conversations as a change of shares has to", () => {
    const before = firsts(rule("weighted", { targets }), 2_000);
    const grown = [
      { provider: "small", weight: 90 },
      { provider: "large", weight: 30 },
    ];
    const after = firsts(rule("weighted", { targets: grown }), 2_000);
    for (const [index, name] of after.entries()) {
      if (name !== before[index]) assert.equal(name, "large/m", "nobody leaves the one that grew");
    }
  });

  test("adds up the weights of a target that stands there several times", () => {
    const twice = rule("weighted", { targets: [...targets, { provider: "large", weight: 80 }] });
    const once = rule("weighted", { targets: targets.map((target) => ({ ...target, weight: 90 })) });
    assert.equal(twice.label, "weighted → 50 % small, 50 % large");
    assert.deepEqual(firsts(twice, 500), firsts(once, 500));
    assert.deepEqual(ask(twice, talk("c0")).toSorted(), ["large/m", "small/m"]);
  });

  test("draws anew for each request, where that is asked for or nobody knows the conversation", () => {
    const draws = [0.9, 0.1];
    let at = 0;
    const random = () => draws[at++ % 2] ?? 0;
    const each = rule("weighted", { targets, by: "request" });
    // -ln 0.9 is small: a high draw wins.
    assert.equal(ask(each, { ...talk("c"), random })[0], "small/m");
    at = 0;
    assert.equal(ask(rule("weighted", { targets }), { random })[0], "small/m");
  });

  test("the share of requests is that of the weights, whatever they are", () => {
    const weights = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 2, maxLength: 3 });
    fc.assert(
      fc.property(weights, (list) => {
        const names = ["small", "large", "other"];
        const shares = list.map((weight, index) => ({ provider: names[index] ?? "other", weight }));
        const first = firsts(rule("weighted", { targets: shares }), 1_500);
        const total = list.reduce((sum, weight) => sum + weight, 0);
        for (const { provider, weight } of shares) {
          const got = first.filter((name) => name === `${provider}/m`).length / 1_500;
          assert.ok(Math.abs(got - weight / total) < 0.07, `${provider}: ${got} instead of ${weight / total}`);
        }
      }),
      { numRuns: 10, seed: 7 },
    );
  });
});
