import type { FailoverScope } from "../config/config.ts";
import { RouterError } from "../core/errors.ts";
import type { Rewrite } from "../upstream/model-list.ts";
import { type Fleet, upstreamModel } from "../upstream/provider.ts";
import { lacks } from "./capability.ts";
import type { Decision, Verdict } from "./decision.ts";
import { bestFirst } from "./order.ts";
import type { Fallback, RoutingRequest, Rule, Target, Weighed } from "./rule.ts";

/** The rules in order: the first that offers a capable target wins. */
export class Chain {
  readonly rules: readonly Rule[];
  /** Requests may go to more than one target: otherwise a conversation has no other to go to. */
  readonly hasChoice: boolean;
  readonly #fleet: Fleet;

  constructor(rules: readonly Rule[], fleet: Fleet) {
    this.rules = rules;
    // What a module sends is known when it is asked.
    const choosesModels = ({ rewrites = [], ofModule }: Rule) => ofModule || rewrites.length > 0;
    this.hasChoice = fleet.all().length > 1 || rules.some(choosesModels);
    this.#fleet = fleet;
  }

  /**
   * Where the request goes and why. `target` is undefined when no rule resolved it. Throws where none of the `forced` providers
   * is there.
   */
  decide(request: RoutingRequest, forced?: readonly Fallback[]): Decision {
    if (forced !== undefined) return this.#forced(request, forced);
    const decision: Decision = { target: undefined, forced: false, verdicts: [] };
    for (const [index, rule] of this.rules.entries()) {
      decision.verdicts.push(
        decision.target === undefined ? this.#ask(index, rule, request, decision) : notAsked(index, rule),
      );
    }
    return decision;
  }

  /**
   * The decision's target, then where the request may go besides, each provider and model (as sent) once: the other candidates of the rule that made
   * it, its `fallbacks`, and with the scope `chain` what the rules after it offer. Can be walked once.
   */
  *walk(request: RoutingRequest, decision: Decision, scope: FailoverScope = "rule"): Generator<Target> {
    const first = decision.target;
    if (first === undefined) return;
    yield first;
    const seen = new Set([keyOf(first)]);
    for (const target of this.#others(request, decision, first, scope)) {
      const key = keyOf(target);
      if (seen.has(key) || lacks(target, request) !== undefined) continue;
      seen.add(key);
      yield target;
    }
  }

  /** How far failed requests may go that this decision sent: the rule's own word, or undefined. */
  scopeOf(decision: Decision): FailoverScope | undefined {
    return decision.rule === undefined ? undefined : this.rules[decision.rule]?.failover;
  }

  *#others(request: RoutingRequest, { rest, rule: index }: Decision, first: Target, scope: FailoverScope) {
    if (rest) for (let next = rest.next(); !next.done; next = rest.next()) yield next.value;
    if (index === undefined) return;
    for (const { provider: name, model } of this.rules[index]?.fallbacks ?? []) {
      const provider = this.#fleet.get(name);
      if (provider) yield { provider, model: model ?? first.model, by: "fallbacks" as const };
    }
    if (scope !== "chain") return;
    // A request that failed is not the one to see how others do.
    request.explore = 0;
    for (const [at, rule] of this.rules.slice(index + 1).entries()) {
      if (rule.when?.(request) !== undefined) continue;
      for (const target of rule.candidates(request, this.#fleet)) yield { ...target, by: index + 1 + at };
    }
  }

  /**
   * All that a rule that compares compares for this request, best first, those that are out last; undefined: it does not compare,
   * or the request is none of its business.
   */
  weigh(index: number, request: RoutingRequest): Weighed[] | undefined {
    const rule = this.rules[index];
    if (rule?.when?.(request) !== undefined) return undefined;
    const weighed = rule?.weigh?.(request, this.#fleet);
    return weighed && [...bestFirst(weighed, ({ score }) => score ?? -Number.MAX_VALUE)];
  }

  /** One line for each rule, for the start of the program. */
  describe(): string[] {
    return this.rules.map(({ label, fallbacks = [] }, index) => {
      const then = fallbacks.map(
        ({ provider, model }) => `, then ${provider}${model === undefined ? "" : ` as ${model}`}`,
      );
      return `${index + 1}. ${label}${then.join("")}`;
    });
  }

  /** The models rules send of their own accord, for the model lists. */
  rewrites(): Rewrite[] {
    return this.rules.flatMap((rule) => rule.rewrites ?? []);
  }

  /**
   * A rule whose target cannot do what the request needs counts as no match. Rules that choose among several choose among the
   * capable ones: the cheapest provider for an image is the cheapest that sees. 0.7.0 looked at the rule's first choice only
   * and passed; the difference shows only where the first choice would have failed.
   */
  #ask(index: number, rule: Rule, request: RoutingRequest, decision: Decision): Verdict {
    const unmeant = rule.when?.(request);
    if (unmeant !== undefined) return { rule: index, label: rule.label, outcome: "passed", reason: unmeant };
    const candidates = rule.candidates(request, this.#fleet)[Symbol.iterator]();
    let first: Target | undefined;
    let reason: string | undefined;
    for (let next = candidates.next(); !next.done; next = candidates.next()) {
      const missing = lacks(next.value, request);
      first ??= next.value;
      if (missing === undefined) {
        decision.rule = index;
        const cannotStay = take(next.value, candidates, request, decision);
        const { provider, model, why } = decision.target ?? next.value;
        const reason = cannotStay ?? why;
        return {
          rule: index,
          label: rule.label,
          outcome: "chosen",
          provider: provider.name,
          model,
          ...(reason !== undefined && { reason }),
        };
      }
      reason ??= `no ${missing}`;
    }
    if (first === undefined) {
      const why = rule.weigh && whyNone(rule.weigh(request, this.#fleet));
      return { rule: index, label: rule.label, outcome: "passed", ...(why && { reason: why }) };
    }
    return {
      rule: index,
      label: rule.label,
      outcome: "incapable",
      provider: first.provider.name,
      model: first.model,
      ...(reason !== undefined && { reason }),
    };
  }

  /**
   * A plugin's choice is taken at its word: no rule is asked. Of several those come first that can do what the request needs, as
   * far as that is known.
   */
  #forced(request: RoutingRequest, forced: readonly Fallback[]): Decision {
    const targets = forced.flatMap(({ provider: name, model = request.model }): Target[] => {
      const provider = this.#fleet.get(name);
      return provider ? [{ provider, model }] : [];
    });
    const incapable = targets.filter((target) => lacks(target, request) !== undefined);
    const [target, ...rest] = [...targets.filter((one) => !incapable.includes(one)), ...incapable];
    if (!target)
      throw new RouterError(
        "no_provider",
        `a plugin asked for ${this.#whyNot(forced.map(({ provider }) => provider))}`,
      );
    const verdicts = this.rules.map((rule, index) => notAsked(index, rule));
    const decision: Decision = { target, forced: true, verdicts };
    take(target, rest.values(), request, decision);
    return decision;
  }

  #whyNot(names: readonly string[]): string {
    const why = (name: string) => (this.#fleet.skipped.has(name) ? "has no key" : "is not configured");
    return names.length === 0
      ? "a provider without naming one"
      : names.map((name) => `provider '${name}', which ${why(name)}`).join(", and ");
  }
}

/**
 * Takes the first capable target, or the one to stay with if the rule has it among its own. A rule that does not offer it is
 * obeyed: it may be there for privacy; that is what is returned then.
 */
function take(
  first: Target,
  others: Iterator<Target>,
  request: RoutingRequest,
  decision: Decision,
): string | undefined {
  const { prefer } = request;
  decision.target = first;
  decision.rest = others;
  if (prefer === undefined) return undefined;
  const capable = [first];
  for (let next = others.next(); !next.done; next = others.next())
    if (lacks(next.value, request) === undefined) capable.push(next.value);
  const ofProvider = capable.filter(({ provider }) => provider.name === prefer.provider);
  const exact = ofProvider.find(({ provider, model }) => upstreamModel(provider, model) === prefer.model);
  const stays = exact ?? ofProvider[0];
  // No other is as good: what a request would lose there does not move it.
  decision.target = stays ? { provider: stays.provider, model: stays.model, why: `stays: ${prefer.why}` } : first;
  decision.rest = capable.filter((target) => target !== (stays ?? first)).values();
  return stays ? undefined : `cannot stay with ${prefer.provider}, which it does not offer: ${prefer.why}`;
}

const MAX_NAMED = 3;

/** Why a rule that compares has none to offer. */
function whyNone(weighed: readonly Weighed[]): string {
  const named = weighed.slice(0, MAX_NAMED).map(({ provider, note }) => `${provider.name}: ${note}`);
  return weighed.length > MAX_NAMED ? `${named.join("; ")}; and ${weighed.length - MAX_NAMED} more` : named.join("; ");
}

function notAsked(index: number, rule: Rule): Verdict {
  return { rule: index, label: rule.label, outcome: "not-asked" };
}

/** Two names that a provider's aliases make one are one target. */
function keyOf({ provider, model }: Target): string {
  return `${provider.name}\n${upstreamModel(provider, model)}`;
}
