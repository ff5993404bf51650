import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { configSchema, FAILOVER_SCOPES, type FailoverScope } from "../../src/config/config.ts";
import type { ClientFacts } from "../../src/core/stage-tools.ts";
import { Pricing } from "../../src/cost/pricing.ts";
import { MeasuredNumbers } from "../../src/pipeline/decision/measured-numbers.ts";
import { Resilience } from "../../src/resilience/resilience.ts";
import { Chain } from "../../src/routing/chain.ts";
import type { RoutingRequest } from "../../src/routing/rule.ts";
import { RULE_KINDS } from "../../src/routing/rules/index.ts";
import { Fleet } from "../../src/upstream/provider.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { testProvider } from "../support/provider.ts";
import { routingRequest } from "../support/routing.ts";
import { type Asked, answerOf, forcedWalk, type RuleToml, type Seen, type Tried, type World } from "./oracle.ts";
import { anyRule, asked, chosenByPlugin, RULES, worldWith } from "./worlds.ts";

/** For a longer search: `ORACLE_TIMES=100 node --test test/routing/oracle.test.ts`. */
const TIMES = Number(process.env["ORACLE_TIMES"] ?? 1);

/** The router's own parts, in the state the world describes. */
function built(world: World, one: Asked, draws: () => number): { chain: Chain; request: RoutingRequest } {
  const fleet = new Fleet(
    world.places.map(({ name, quality, cost, prices, latencyMs, tokensPerSec, models, aliases }) =>
      testProvider(
        {
          name,
          quality,
          ...(cost !== undefined && { cost_per_1m_tokens: cost }),
          ...(prices && { prices }),
          ...(latencyMs !== undefined && { latency_ms: latencyMs }),
          ...(tokensPerSec !== undefined && { throughput_tokens_per_sec: tokensPerSec }),
        },
        {
          aliases,
          models: models.map(({ id, can, window }) => ({
            id,
            ...(can && { capabilities: new Set(can) }),
            ...(window !== undefined && { contextLength: window }),
          })),
        },
      ),
    ),
  );
  const { model, needs, inputTokens, wallMs, stream, bytes, maxOutputTokens } = one;
  const client: ClientFacts = { conversation: "conversation", stream, ...one.client };
  const request = routingRequest({
    model,
    tags: new Set(one.tags),
    needs,
    inputTokens,
    wallMs,
    client,
    random: draws,
    explore: one.explores ? 1 : 0,
    affinity: one.affinity,
    ...(one.prefer && { prefer: { ...one.prefer, why: "it has to" } }),
  });
  const about = { stream, bytes, maxOutputTokens, requestedModel: model, routing: request };
  if (one.measured) request.numbers = new MeasuredNumbers({ resilience: measuredIn(world), pricing }, about);
  const rules = world.rules.map(({ type, ...settings }) => {
    const kind = RULE_KINDS.find(({ name }) => name === type);
    assert.ok(kind, type);
    return kind.build(settings, { log: () => undefined, env: {} });
  });
  return { chain: new Chain(rules, fleet), request };
}

const pricing = new Pricing(() => undefined);
const LONGEST_MS = 60 * 60_000;

/** What the router has measured by now. */
function measuredIn({ seen, tried }: World): Resilience {
  const clock = new FakeClock();
  const resilience = new Resilience(configSchema.parse({}), clock, () => undefined);
  const { typical, answers, errors } = resilience;
  const observe = (one: Seen): void => {
    const { provider, model, bytes, stream } = one;
    (stream ? typical.firstToken : typical.whole).observe(provider, model, one.ms, bytes);
    if (stream) typical.speed.observe(provider, model, one.tokensPerSec, bytes);
    answers.observe("", one.asked, one.outputTokens, bytes);
  };
  const count = ({ provider, model, ok, failed }: Tried): void => {
    for (let at = 0; at < ok; at++) errors.observe(provider, model, "ok");
    for (let at = 0; at < failed; at++) errors.observe(provider, model, "overloaded");
  };
  const events = [
    ...seen.map((one) => ({ agoMs: one.agoMs, happens: () => observe(one) })),
    ...tried.map((one) => ({ agoMs: one.agoMs, happens: () => count(one) })),
  ];
  for (const { agoMs, happens } of events.toSorted((x, y) => y.agoMs - x.agoMs)) {
    clock.advance(LONGEST_MS - agoMs - clock.nowMs());
    happens();
  }
  clock.advance(LONGEST_MS - clock.nowMs());
  return resilience;
}

const draws = fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }));
const scopes = fc.constantFrom<FailoverScope>(...FAILOVER_SCOPES);

function agrees(rules: fc.Arbitrary<RuleToml[]>, numRuns: number): void {
  fc.assert(
    fc.property(worldWith(rules), asked, draws, scopes, (world, one, stream, scope) => {
      const { chain, request } = built(world, one, () => stream.next().value ?? 0);
      const decision = chain.decide(request);
      const walk = [...chain.walk(request, decision, chain.scopeOf(decision) ?? scope)];
      const happened = walk.map(({ provider, model }) => `${provider.name}/${model}`);
      const expected = answerOf(world, one, happened, scope);
      assert.deepEqual({ outcomes: decision.verdicts.map(({ outcome }) => outcome), walk: happened }, expected);
    }),
    { numRuns: numRuns * TIMES },
  );
}

describe("the router decides as docs/routing.md says", () => {
  test("every kind of rule is asked about", () => {
    assert.deepEqual(Object.keys(RULES).sort(), RULE_KINDS.map(({ name }) => name).sort());
  });

  for (const [type, rule] of Object.entries(RULES)) {
    test(type, () =>
      agrees(
        rule.map((one) => [one]),
        60,
      ),
    );
  }

  test("a chain of all kinds, with conditions, failover and fallbacks", () => {
    agrees(fc.array(anyRule, { minLength: 1, maxLength: 5 }), 200);
  });

  test("a plugin's choice, whatever the rules", () => {
    fc.assert(
      fc.property(worldWith(fc.constant([])), asked, chosenByPlugin, (world, one, chosen) => {
        const { chain, request } = built(world, { ...one, prefer: undefined }, () => 0);
        const expected = forcedWalk(world, one, chosen);
        if (expected.length === 0) return assert.throws(() => chain.decide(request, chosen), { code: "no_provider" });
        const walk = chain.walk(request, chain.decide(request, chosen));
        assert.deepEqual(
          [...walk].map(({ provider, model }) => `${provider.name}/${model}`),
          expected,
        );
      }),
    );
  });
});
