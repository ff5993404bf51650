import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { testProvider } from "../../test/support/provider.ts";
import { routingRequest } from "../../test/support/routing.ts";
import { emptyRequest } from "../core/request.ts";
import { Fleet } from "../upstream/provider.ts";
import { needsOf } from "./capability.ts";
import { Chain } from "./chain.ts";
import type { Need, RoutingRequest, Rule, Target } from "./rule.ts";

const see = { id: "eyes", capabilities: new Set(["vision"]) };
const use = { id: "hands", capabilities: new Set(["tools"]) };
const nothing = { id: "mute", capabilities: new Set<string>() };
const a = testProvider({ name: "a" }, { models: [see, use, nothing] });
const b = testProvider({ name: "b" }, { models: [see, use, nothing] });
const fleet = new Fleet([a, b], new Set(["keyless"]));

const ask = (model = "m", needs: Need[] = []): RoutingRequest => routingRequest({ model, needs });
const rule = (label: string, ...targets: Target[]): Rule => ({ type: "test", label, candidates: () => targets });
const shown = (targets: Iterable<Target>) => [...targets].map(({ provider, model }) => `${provider.name}/${model}`);

test("the first rule that resolves wins; the decision says what every rule did", () => {
  const chain = new Chain(
    [
      rule("passes"),
      rule("blind", { provider: a, model: "hands" }),
      rule("serves", { provider: a, model: "mute" }, { provider: b, model: "eyes" }),
      rule("late", { provider: a, model: "eyes" }),
    ],
    fleet,
  );
  const { rest: _, ...decision } = chain.decide(ask("m", ["vision"]));
  assert.deepEqual(decision, {
    target: { provider: b, model: "eyes" },
    forced: false,
    rule: 2,
    verdicts: [
      { rule: 0, label: "passes", outcome: "passed" },
      { rule: 1, label: "blind", outcome: "incapable", provider: "a", model: "hands", reason: "no vision" },
      { rule: 2, label: "serves", outcome: "chosen", provider: "b", model: "eyes" },
      { rule: 3, label: "late", outcome: "not-asked" },
    ],
  });
  assert.deepEqual(chain.describe(), ["1. passes", "2. blind", "3. serves", "4. late"]);
});

test("the lines for the start name the fallbacks too", () => {
  const fallbacks = [{ provider: "b", model: "eyes" }, { provider: "a" }];
  const chain = new Chain([{ ...rule("first", { provider: a, model: "m" }), fallbacks }], fleet);
  assert.deepEqual(chain.describe(), ["1. first, then b as eyes, then a"]);
});

test("a model nobody knows is assumed capable", () => {
  const chain = new Chain([rule("r", { provider: a, model: "unheard-of" })], fleet);
  assert.equal(chain.decide(ask("m", ["vision", "tools"])).target?.model, "unheard-of");
});

test("nothing resolves: no target", () => {
  const decision = new Chain([rule("r")], fleet).decide(ask());
  assert.equal(decision.target, undefined);
  assert.deepEqual([...new Chain([], fleet).walk(ask(), decision)], []);
});

test("candidates are drawn one by one, and walking goes on where the decision stopped", () => {
  let drawn = 0;
  const lazy: Rule = {
    type: "test",
    label: "lazy",
    *candidates() {
      for (const model of ["1", "2", "2", "hands", "3"]) {
        drawn++;
        yield { provider: a, model };
      }
    },
  };
  const chain = new Chain([lazy], fleet);
  const request = ask("m", ["vision"]);
  const decision = chain.decide(request);
  assert.equal(drawn, 1);
  assert.deepEqual(shown(chain.walk(request, decision)), ["a/1", "a/2", "a/3"]);
});

test("walking goes to no model twice, whatever names a provider has for it", () => {
  const c = testProvider({ name: "c" }, { aliases: { short: "long", other: "long" } });
  const chain = new Chain(
    [
      {
        ...rule("r", { provider: c, model: "short" }, { provider: a, model: "long" }, { provider: c, model: "long" }),
        fallbacks: [{ provider: "c", model: "other" }, { provider: "c" }, { provider: "c", model: "more" }],
      },
    ],
    new Fleet([a, c]),
  );
  const request = ask();
  assert.deepEqual(shown(chain.walk(request, chain.decide(request))), ["c/short", "a/long", "c/more"]);
});

test("there is a choice among providers, among models, and wherever an owner's code may make one", () => {
  const hasChoice = (one: Rule, ...providers: (typeof a)[]) => new Chain([one], new Fleet(providers)).hasChoice;
  const plain = rule("r", { provider: a, model: "m" });
  assert.equal(hasChoice(plain, a), false);
  assert.equal(hasChoice(plain, a, b), true);
  assert.equal(hasChoice({ ...plain, rewrites: [{ providers: ["a"], model: "m" }] }, a), true);
  assert.equal(hasChoice({ ...plain, ofModule: true }, a), true);
});

test("the rule that decides takes the one to stay with, if it is among its capable ones, and says so", () => {
  const prefer = { provider: "b", model: "eyes", why: "reasoning pending" };
  const told = (targets: Target[], needs: Need[] = []) => {
    const chain = new Chain(
      [rule("passes"), rule("r", ...targets), rule("late", { provider: b, model: "eyes" })],
      fleet,
    );
    const request = { ...ask("m", needs), prefer };
    const decision = chain.decide(request);
    return [shown(chain.walk(request, decision)), decision.verdicts[1]?.reason];
  };
  const targets = [
    { provider: a, model: "eyes" },
    { provider: b, model: "new" },
    { provider: b, model: "eyes" },
  ];
  const stays = "stays: reasoning pending";
  assert.deepEqual(told(targets), [["b/eyes", "a/eyes", "b/new"], stays]);
  assert.deepEqual(told(targets.slice(0, 2)), [["b/new", "a/eyes"], stays]);
  const cannot = "cannot stay with b, which it does not offer: reasoning pending";
  assert.deepEqual(told(targets.slice(0, 1)), [["a/eyes"], cannot]);
  assert.deepEqual(told([...targets.slice(0, 1), { provider: b, model: "hands" }], ["vision"]), [["a/eyes"], cannot]);
});

test("a forced provider bypasses the rules and keeps the model", () => {
  const chain = new Chain([rule("r", { provider: a, model: "x" })], fleet);
  const decision = chain.decide(ask("mute", ["vision"]), [{ provider: "b" }]);
  assert.deepEqual(shown(chain.walk(ask(), decision)), ["b/mute"]);
  assert.equal(decision.forced, true);
  const named = chain.decide(ask(), [{ provider: "b", model: "eyes" }, { provider: "keyless" }, { provider: "a" }]);
  assert.deepEqual(shown(chain.walk(ask(), named)), ["b/eyes", "a/m"]);
  assert.deepEqual(decision.verdicts, [{ rule: 0, label: "r", outcome: "not-asked" }]);
  assert.throws(() => chain.decide(ask(), [{ provider: "nobody" }]), {
    code: "no_provider",
    message: /'nobody'.*not configured/,
  });
  assert.throws(() => chain.decide(ask(), [{ provider: "keyless" }]), {
    code: "no_provider",
    message: /'keyless'.*no key/,
  });
});

test("needs come from images, also inside tool results, and from tools", () => {
  const request = emptyRequest("openai", "m");
  assert.deepEqual(needsOf(request), []);
  request.tools.push({ kind: "function", name: "f" });
  assert.deepEqual(needsOf(request), ["tools"]);
  const image = { type: "image" as const, source: { kind: "url" as const, url: "http://x/" } };
  request.messages.push({
    role: "tool",
    parts: [{ type: "tool-result", callId: "1", parts: [image], isError: false }],
  });
  assert.deepEqual(needsOf(request), ["vision", "tools"]);
});

test("the chain agrees with trying every target of every rule in order", () => {
  const targets = fc.record({
    provider: fc.constantFrom(a, b),
    model: fc.constantFrom("eyes", "hands", "mute", "new"),
  });
  const can = (target: Target, needs: readonly Need[]) =>
    target.model === "new" || needs.every((need) => (need === "vision" ? "eyes" : "hands") === target.model);
  fc.assert(
    fc.property(fc.array(fc.array(targets)), fc.subarray<Need>(["vision", "tools"]), (rules, needs) => {
      const chain = new Chain(
        rules.map((list, index) => rule(`${index}`, ...list)),
        fleet,
      );
      const winner = rules.findIndex((list) => list.some((target) => can(target, needs)));
      const capable = (rules[winner] ?? []).filter((target) => can(target, needs));
      const request = ask("m", needs);
      const decision = chain.decide(request);
      assert.deepEqual(shown(chain.walk(request, decision)), [...new Set(shown(capable))]);
      assert.equal(decision.verdicts.length, rules.length);
      decision.verdicts.forEach((verdict, index) => {
        const list = rules[index] ?? [];
        const before = winner === -1 || index < winner;
        const outcome = before ? (list.length > 0 ? "incapable" : "passed") : index === winner ? "chosen" : "not-asked";
        assert.equal(verdict.outcome, outcome);
      });
    }),
  );
});
