import { deepEqual, equal, throws } from "node:assert/strict";
import { test } from "node:test";
import { testProvider } from "../../../test/support/provider.ts";
import { routingRequest } from "../../../test/support/routing.ts";
import type { Loss, LossClass } from "../../core/loss.ts";
import { Chain } from "../../routing/chain.ts";
import type { Verdict } from "../../routing/decision.ts";
import type { Target } from "../../routing/rule.ts";
import { Fleet } from "../../upstream/provider.ts";
import { choose, retarget } from "./choose.ts";
import type { Prepared } from "./prepare.ts";

const REQUEST = routingRequest();

const loss = (severity: LossClass): Loss => ({ field: `${severity}ed`, treatment: "dropped", class: severity });

const isUpper = (name: string) => name !== name.toLowerCase();

/**
 * `a=`: a target of that name that loses nothing; `b1!`: of rank 1, refuses; `c1-`: of rank 1, reports; `d~`: silent. The name in
 * upper case: it is left alone.
 */
function chosen(...shorthand: string[]) {
  const fates = new Map<string, Loss[]>();
  const targets = shorthand.map((text): Target => {
    const [, name = "", rank = "", fate = ""] = /^(\w)(\d?)(.)$/.exec(text) ?? [];
    const classes: Record<string, LossClass[]> = { "=": [], "!": ["reject"], "-": ["report"], "~": ["silent"] };
    fates.set(name, (classes[fate] ?? []).map(loss));
    return { provider: testProvider({ name }), model: "m", ...(rank !== "" && { rank: Number(rank) }) };
  });
  const prepared: string[] = [];
  const prepare = ({ provider }: Target): Prepared => {
    prepared.push(provider.name);
    const losses = fates.get(provider.name) ?? [];
    return {
      request: { method: "POST", path: "/", headers: {} },
      half: provider.half,
      sentModel: "m",
      passthrough: false,
      losses,
      refused: losses.filter((one) => one.class === "reject"),
      renamedTools: new Map(),
      hasState: false,
    };
  };
  const rule = { type: "test", label: "test", candidates: () => targets };
  const chain = new Chain([rule], new Fleet(targets.map(({ provider }) => provider)));
  const decision = chain.decide(REQUEST);
  const walk = chain.walk(REQUEST, decision);
  const front: Target[] = [];
  const candidates = {
    next: () => front.shift() ?? walk.next().value ?? undefined,
    putBack: (drawn: readonly Target[]) => void front.unshift(...drawn),
    isWorse: (one: Target, than: Target) => isUpper(one.provider.name) && !isUpper(than.provider.name),
  };
  const { target } = choose(decision, candidates, prepare);
  equal(decision.target, target);
  const failover = [target, ...front, ...walk].map(({ provider }) => provider.name);
  return { name: target.provider.name, prepared, failover, verdict: decision.verdicts[0] };
}

test("one that loses nothing, or nothing that counts, is taken without looking at another", () => {
  for (const first of ["a1=", "a1~"]) {
    const { name, prepared, failover, verdict } = chosen(first, "b1=");
    deepEqual([name, prepared, failover], ["a", ["a"], ["a", "b"]]);
    deepEqual([verdict?.provider, verdict?.reason], ["a", undefined]);
  }
});

test("of equal ones that which loses nothing is better, and the decision says why", () => {
  const { name, prepared, failover, verdict } = chosen("a1-", "b1-", "c1=", "d1=");
  deepEqual([name, prepared, failover], ["c", ["a", "b", "c"], ["c", "a", "b", "d"]]);
  deepEqual([verdict?.outcome, verdict?.provider, verdict?.reason], ["chosen", "c", "a would lose reported"]);
});

test("health comes first: an equal one that is left alone does not take it for losing nothing", () => {
  const { name, failover, verdict } = chosen("a1-", "B1=", "C1=");
  deepEqual([name, failover, verdict?.reason], ["a", ["a", "B", "C"], undefined]);
  equal(chosen("A1-", "B1=").name, "B");
});

test("a loss is no reason to take a lower rank, and without ranks nobody is equal", () => {
  for (const targets of [
    ["a2-", "b1="],
    ["a-", "b="],
  ]) {
    const { name, prepared, failover, verdict } = chosen(...targets);
    deepEqual([name, prepared, failover, verdict?.reason], ["a", ["a"], ["a", "b"], undefined]);
  }
});

test("who refuses is passed by for the next of the rule, of whatever rank, and is no place to fail over to", () => {
  const { name, failover, verdict } = chosen("a3!", "b2-", "c2=", "d1=");
  deepEqual([name, failover], ["c", ["c", "b", "d"]]);
  equal(verdict?.reason, "a cannot express rejected; b would lose reported");
  deepEqual(chosen("a!", "b-", "c=").name, "b");
});

test("all refuse: an error that names the first and its fields", () => {
  throws(() => chosen("a1!", "b1!"), {
    code: "not_translatable",
    param: "rejected",
    message: "provider 'a' (openai) cannot express: rejected (dropped)",
  });
});

test("why the first was to come first is not said of another", () => {
  const at = (name: string, why?: string): Target => ({
    provider: testProvider({ name }),
    model: "m",
    ...(why !== undefined && { why }),
  });
  const reasonOf = (reason: string, other: Target, reasons: string[]) => {
    const verdict: Verdict = { rule: 0, label: "test", outcome: "chosen", provider: "a", model: "m", reason };
    retarget({ target: at("a", "stays: well"), forced: false, verdicts: [verdict] }, other, reasons);
    return verdict.reason;
  };
  equal(reasonOf("stays: well", at("b"), ["a cannot express x"]), "a cannot express x");
  equal(reasonOf("stays: well", at("b", "its own"), []), "its own");
  equal(reasonOf("stays: well", at("b"), []), undefined);
  equal(reasonOf("cannot stay with c", at("b"), ["y"]), "cannot stay with c; y");
});
