import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { testProvider } from "../../test/support/provider.ts";
import { routingRequest } from "../../test/support/routing.ts";
import { Fleet } from "../upstream/provider.ts";
import { Chain } from "./chain.ts";
import { CONFIGURED, type Known } from "./numbers.ts";
import type { Affinity, RoutingRequest } from "./rule.ts";
import { RULE_KINDS } from "./rules/index.ts";

function build(type: string, settings: object = {}) {
  const kind = RULE_KINDS.find(({ name }) => name === type);
  assert.ok(kind);
  return kind.build(settings, { log: () => undefined, env: {} });
}

const at = (provider: string, sticky: Affinity["sticky"] = "cache", more: Partial<Affinity> = {}): Affinity => ({
  provider,
  model: "m",
  cachedTokens: 0,
  outputTokens: 0,
  sticky,
  ...more,
});

/** Where it goes, and why. */
function decided(type: string, fleet: Fleet, more: Partial<RoutingRequest>, settings: object = {}) {
  const decision = new Chain([build(type, settings)], fleet).decide(routingRequest(more));
  return [decision.target?.provider.name, decision.verdicts[0]?.reason];
}

const STAYS = "stays: its conversation was answered there";

describe("rules that go by time", () => {
  const fleet = (a: object, b: object) =>
    new Fleet([testProvider({ name: "a", ...a }), testProvider({ name: "b", ...b })]);

  test("a conversation stays until another is more than twice as good, and it is said why", () => {
    const latency = (b: number) =>
      decided("latency", fleet({ latency_ms: 100 }, { latency_ms: b }), { affinity: at("b") });
    assert.deepEqual(latency(200), ["b", STAYS]);
    assert.deepEqual(latency(201), [
      "a",
      "leaves b, where its conversation was answered: a is more than 2 times as good",
    ]);
    const throughput = (b: number) =>
      decided("throughput", fleet({ throughput_tokens_per_sec: 100 }, { throughput_tokens_per_sec: b }), {
        affinity: at("b"),
      })[0];
    assert.deepEqual([throughput(50), throughput(49)], ["b", "a"]);
    assert.equal(decided("latency", fleet({ latency_ms: 0 }, { latency_ms: 1 }), { affinity: at("b") })[0], "a");
  });

  test("with `conversation` it stays however slow, but not where a limit shuts it out", () => {
    const slow = fleet({ latency_ms: 100 }, { latency_ms: 5_000 });
    assert.deepEqual(decided("latency", slow, { affinity: at("b", "conversation") }), ["b", STAYS]);
    assert.deepEqual(decided("latency", slow, { affinity: at("b", "conversation") }, { max_latency_ms: 900 }), [
      "a",
      undefined,
    ]);
  });
});

describe("rules that go by money", () => {
  const fleet = new Fleet([
    testProvider({ name: "a", cost_per_1m_tokens: 3, quality: 50 }),
    testProvider({ name: "b", cost_per_1m_tokens: 3, quality: 50 }),
    testProvider({ name: "c", cost_per_1m_tokens: 2.4, quality: 50 }),
  ]);
  for (const [type, settings] of [
    ["price", {}],
    ["fallback", { quality_bias: 0 }],
  ] as const) {
    test(`${type}: it stays where it costs no more, and leaves for more than a fifth, the cache counted`, () => {
      assert.deepEqual(decided(type, fleet, { affinity: at("b") }, { ...settings, providers: ["a", "b"] }), [
        "b",
        STAYS,
      ]);
      assert.deepEqual(decided(type, fleet, { affinity: at("b") }, settings), [
        "c",
        "leaves b, where its conversation was answered: c is more than 1.2 times as good",
      ]);
      assert.deepEqual(decided(type, fleet, { affinity: at("b", "conversation") }, settings), ["b", STAYS]);
      assert.deepEqual(decided(type, fleet, {}, settings), ["c", undefined]);
    });
  }
});

test("it is tied to the model too, by the name that is sent", () => {
  const fleet = new Fleet([
    testProvider({ name: "a", latency_ms: 100 }),
    testProvider({ name: "b", latency_ms: 150 }, { aliases: { m: "real" } }),
  ]);
  assert.equal(decided("latency", fleet, { affinity: at("b", "cache", { model: "real" }) })[0], "b");
  assert.deepEqual(decided("latency", fleet, { affinity: at("b") }), ["a", undefined]);
  assert.deepEqual(decided("latency", fleet, { affinity: at("gone") }), ["a", undefined]);
});

test("a conversation that has a place is no subject of experiments", () => {
  const fleet = new Fleet([testProvider({ name: "a" }), testProvider({ name: "b" })]);
  const known = (value: number): Known => ({ value, source: "measured", samples: 20 });
  const numbers = { ...CONFIGURED, latencyMs: ({ name }: { name: string }) => known(name === "a" ? 100 : 900) };
  const request = { numbers, explore: 1, random: () => 0 };
  assert.deepEqual(decided("latency", fleet, request), ["b", "to see how it does"]);
  assert.deepEqual(decided("latency", fleet, { ...request, affinity: at("a") }), ["a", STAYS]);
});

test("what waits for a tool's result stays, and nothing the request would lose there is a reason to go", () => {
  const fleet = new Fleet(["a", "b", "c"].map((name) => testProvider({ name, latency_ms: 100 })));
  const prefer = { provider: "c", model: "m", why: "a tool call's result" };
  for (const type of ["latency", "random", "price", "fallback"]) {
    const chain = new Chain([build(type)], fleet);
    const decision = chain.decide(routingRequest({ prefer }));
    assert.deepEqual([decision.target?.provider.name, decision.target?.rank], ["c", undefined]);
    assert.equal(decision.verdicts[0]?.reason, "stays: a tool call's result");
    assert.deepEqual([...chain.walk(routingRequest(), decision)].map(({ provider }) => provider.name).toSorted(), [
      "a",
      "b",
      "c",
    ]);
  }
});

test("whatever the affinity, the same targets are offered, each once, and but for the first by the rule's own order", () => {
  const ms = fc.integer({ min: 1, max: 1_000 });
  fc.assert(
    fc.property(
      fc.array(ms, { minLength: 1, maxLength: 6 }),
      fc.nat({ max: 6 }),
      fc.constantFrom("cache" as const, "conversation" as const),
      (list, index, sticky) => {
        const fleet = new Fleet(list.map((latency_ms, one) => testProvider({ name: `p${one}`, latency_ms })));
        const rule = build("latency");
        const names = (affinity?: Affinity) =>
          [...rule.candidates(routingRequest({ affinity }), fleet)].map(({ provider }) => provider.name);
        const own = names();
        const tied = names(at(`p${index}`, sticky));
        const stays = index < list.length && (sticky === "conversation" || (list[index] ?? 0) <= 2 * Math.min(...list));
        const first = stays ? `p${index}` : own[0];
        assert.deepEqual(tied, [first, ...own.filter((name) => name !== first)]);
      },
    ),
  );
});

test("random draws once for each conversation when it is told to, and evenly", () => {
  const fleet = new Fleet(["a", "b", "c"].map((name) => testProvider({ name })));
  const client = (conversation: string) => ({
    client: { conversation, dialect: "openai" as const, agent: undefined, key: undefined, headers: {}, stream: false },
  });
  const first = (settings: object, conversation: string, draw = 0) =>
    [
      ...build("random", settings).candidates(routingRequest({ ...client(conversation), random: () => draw }), fleet),
    ][0];
  const counts = new Map<string, number>();
  for (let one = 0; one < 600; one++) {
    const drawn = first({ sticky: true }, `c${one}`);
    assert.deepEqual(first({ sticky: true }, `c${one}`, 0.99), drawn);
    counts.set(drawn?.provider.name ?? "", (counts.get(drawn?.provider.name ?? "") ?? 0) + 1);
  }
  for (const count of counts.values()) assert.ok(count > 150 && count < 250, `${count}`);
  assert.notDeepEqual(first({}, "c", 0), first({}, "c", 0.99));
  const twice = [...Array(3).fill({ provider: "a", model: "x" }), { provider: "b", model: "y" }];
  const share = Array.from({ length: 400 }, (_, one) => first({ sticky: true, candidates: twice }, `c${one}`)).filter(
    (target) => target?.provider.name === "a",
  );
  assert.ok(share.length > 260 && share.length < 340, `${share.length}`);
});
