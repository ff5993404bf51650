import type { FailoverScope } from "../../config/config.ts";
import { RouterError } from "../../core/errors.ts";
import type { ChatRequest } from "../../core/request.ts";
import type { Health } from "../../resilience/health.ts";
import type { Chain } from "../../routing/chain.ts";
import type { Decision } from "../../routing/decision.ts";
import type { Target } from "../../routing/rule.ts";
import { upstreamModel } from "../../upstream/provider.ts";
import type { DecisionInputs, LeftAlone } from "../decision/decision-inputs.ts";
import type { Exchange } from "../exchange.ts";
import { type Candidates, type Choice, choose, isReported } from "./choose.ts";
import { type Prepared, type PrepareOptions, prepare, prepareRest } from "./prepare.ts";

/** Where one exchange may go: asks the chain, then draws one target after the other. */
export class Targets {
  /** How far the request may go when it fails. */
  readonly scope: FailoverScope;
  readonly #exchange: Exchange;
  readonly #inputs: DecisionInputs;
  readonly #options: PrepareOptions;
  readonly #candidates: HealthyFirst;

  /** Throws `no_provider` when no rule takes the request. */
  constructor(
    exchange: Exchange,
    inputs: DecisionInputs,
    options: PrepareOptions,
    parts: { chain: Chain; health: Health; scope: FailoverScope },
  ) {
    const { chain, health } = parts;
    const routing = inputs.facts;
    const decision = chain.decide(routing, exchange.forcedProviders);
    exchange.decision = decision;
    if (!decision.target)
      throw new RouterError("no_provider", `no provider configured for model '${routing.model}'`, { param: "model" });
    this.scope = chain.scopeOf(decision) ?? parts.scope;
    this.#exchange = exchange;
    this.#inputs = inputs;
    this.#options = options;
    // Who may go nowhere else has nobody to prefer.
    this.#candidates = new HealthyFirst(
      chain.walk(routing, decision, this.scope),
      this.scope === "none" ? undefined : health,
    );
  }

  /** Throws `not_translatable` when none of them can express the request. */
  first(): Choice {
    const { decision } = this.#exchange;
    if (!decision) throw new RouterError("internal", "targets were drawn before a decision");
    try {
      const choice = choose(decision, this.#candidates, (target) => this.#prepared(target));
      this.#candidates.explain(decision);
      return choice;
    } finally {
      this.#inputs.leftAlone = this.#candidates.decided();
    }
  }

  #prepared(target: Target): Prepared {
    const prepared = prepare(this.#exchange, target, this.#options);
    const { losses, refused } = prepared;
    if (refused.length > 0 || losses.some(isReported)) {
      this.#inputs.lossy ??= [];
      this.#inputs.lossy.push({ target, losses, refused });
    }
    return prepared;
  }

  /** It was drawn for nothing: it comes next. */
  putBack({ target }: Choice): void {
    this.#candidates.putBack([target]);
  }

  /**
   * The next one to try, after the ones before failed. `rest`: what asks for the rest of an answer, which only some know how to
   * give; the others are passed over.
   */
  next(rest?: ChatRequest): Choice | undefined {
    if (this.scope === "none") return undefined;
    for (let target = this.#candidates.next(); target; target = this.#candidates.next()) {
      const prepared = rest
        ? prepareRest(this.#exchange, target, rest, this.#options)
        : prepare(this.#exchange, target, this.#options);
      if (prepared?.refused.length === 0) return { target, prepared };
    }
    return undefined;
  }
}

/** What is asked of health. */
export type Holds = Pick<Health, "admits" | "holdMs">;

/** The candidates in order, but for those that are left alone for a while: they come last, since somebody has to be asked. */
export class HealthyFirst implements Candidates {
  readonly #walk: Iterator<Target>;
  readonly #health: Holds | undefined;
  readonly #leftAlone: Target[] = [];
  readonly #passedBy: LeftAlone[] = [];
  #front: Target[] = [];
  #isDecided = false;

  constructor(walk: Iterator<Target>, health: Holds | undefined) {
    this.#walk = walk;
    this.#health = health;
  }

  next(): Target | undefined {
    if (this.#front.length > 0) return this.#front.shift();
    for (let next = this.#walk.next(); !next.done; next = this.#walk.next()) {
      const target = next.value;
      if (!this.#health || this.#health.admits(target.provider.name, sentTo(target))) return target;
      this.#leftAlone.push(target);
      this.#passedBy.push({ target, holdMs: this.#health.holdMs(target.provider.name, sentTo(target)) });
    }
    return this.#leastHeld();
  }

  /** One that only failed before one that asked for a pause: what that one says is known already. */
  #leastHeld(): Target | undefined {
    const held = this.#leftAlone.map((target) => this.#holdMs(target));
    return this.#leftAlone.splice(held.indexOf(Math.min(...held)), 1)[0];
  }

  putBack(targets: readonly Target[]): void {
    this.#front = [...targets, ...this.#front];
  }

  isWorse(one: Target, than: Target): boolean {
    return this.#troubleOf(one) > this.#troubleOf(than);
  }

  /** -1: none; 0: it failed; else for how long it asked to be left alone. */
  #troubleOf(target: Target): number {
    return this.#passedBy.some((one) => one.target === target) ? this.#holdMs(target) : -1;
  }

  /** A decision is made from what was said when it was first asked; later the time that has gone counts. */
  #holdMs(target: Target): number {
    if (this.#isDecided) return this.#health?.holdMs(target.provider.name, sentTo(target)) ?? 0;
    return this.#passedBy.find((one) => one.target === target)?.holdMs ?? 0;
  }

  /** The decision is made. Those that it passed by; undefined: none. */
  decided(): LeftAlone[] | undefined {
    this.#isDecided = true;
    return this.#passedBy.length === 0 ? undefined : [...this.#passedBy];
  }

  /** Tells whoever reads the decision that a better one was passed by. */
  explain(decision: Decision): void {
    if (this.#passedBy.length === 0) return;
    const { target, verdicts } = decision;
    const verdict = verdicts.find(({ outcome }) => outcome === "chosen");
    const names = this.#passedBy.filter((one) => one.target !== target).map((one) => one.target.provider.name);
    if (!verdict || names.length === 0) return;
    const why = `${names.join(", ")} left alone after failures`;
    verdict.reason = verdict.reason === undefined ? why : `${verdict.reason}; ${why}`;
  }
}

function sentTo({ provider, model }: Target): string {
  return upstreamModel(provider, model);
}
