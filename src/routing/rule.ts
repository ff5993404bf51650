import { z } from "zod";
import { type FailoverScope, ruleCommonSchema } from "../config/config.ts";
import type { SettingsKind } from "../config/kinds.ts";
import type { Random } from "../core/clock.ts";
import type { JsonObject } from "../core/json.ts";
import type { Log } from "../core/log.ts";
import type { ClientFacts } from "../core/stage-tools.ts";
import type { Rewrite } from "../upstream/model-list.ts";
import type { Fleet, Provider } from "../upstream/provider.ts";
import { type Condition, conditionOf, described } from "./conditions/condition.ts";

/** Where a request may go, and under which model name (before the provider's aliases). */
export interface Target {
  provider: Provider;
  model: string;
  /** Targets of one rule with the same rank are as good as each other to it; without one each stands alone. */
  rank?: number;
}

/** What a model must be able to do for this request. */
export type Need = "vision" | "tools";

/** What rules may look at. */
export interface RoutingRequest {
  /** As the client sent it. */
  model: string;
  tags: ReadonlySet<string>;
  needs: readonly Need[];
  /** Who asks, and in which conversation; undefined: nobody in particular. */
  client?: ClientFacts | undefined;
  /** Of the whole prompt, estimated; undefined: not known. */
  readonly inputTokens?: number | undefined;
  /** Wall clock, ms since 1970. */
  wallMs: number;
  /** The provider and the model (as sent) to stay with, where the rule that decides offers them; and why, in a word or two. */
  prefer?: { provider: string; model: string; why: string };
}

/**
 * One link of the chain. `candidates` yields targets, best first, lazily: the first one that is capable is the decision, the
 * rest is where failover may go. Yielding nothing passes the request on to the next rule.
 */
export interface Rule {
  readonly type: string;
  /** For decisions and logs: `prefix "gpt-" → cloud`. */
  readonly label: string;
  /** The models it sends of its own accord. */
  readonly rewrites?: readonly Rewrite[];
  candidates(request: RoutingRequest, fleet: Fleet): Iterable<Target>;
  /** Asked before: says why a request is none of its business. */
  readonly when?: Condition | undefined;
  /** Where requests that failed may go, when this rule decided; undefined: as the config says for all. */
  readonly failover?: FailoverScope | undefined;
  /** Where they go when the candidates are used up. */
  readonly fallbacks?: readonly Fallback[] | undefined;
}

/** A target named outright; without a model it gets the one the rule sends, or the client's. */
export interface Fallback {
  readonly provider: string;
  readonly model?: string | undefined;
}

export interface RuleTools {
  random: Random;
  log: Log;
  /** Environment variables, `.env` included. */
  env: Readonly<Record<string, string | undefined>>;
}

/** A kind of rule: its settings and how it is built from them. Found by `rules/index.ts`. */
export interface RuleKind extends SettingsKind {
  build(settings: unknown, tools: RuleTools): Rule;
}

/**
 * Ties schema and builder together, so that a rule is built only from settings its schema let through. `when`,
 * `failover` and `fallbacks` every kind has, without saying so.
 */
export function defineRule<S extends z.ZodObject>(kind: {
  name: string;
  schema: S;
  providerPaths?: readonly (readonly string[])[];
  resolvesAlways?: (settings: JsonObject) => boolean;
  keepsPrompts?: boolean;
  check?: SettingsKind["check"];
  create(settings: z.output<S>, tools: RuleTools): Rule;
}): RuleKind {
  const { create, check, ...more } = kind;
  const common = z.object(ruleCommonSchema.shape);
  return {
    ...more,
    ...(check && { check }),
    schema: kind.schema.extend(ruleCommonSchema.shape),
    providerPaths: [...(kind.providerPaths ?? []), ["fallbacks", "*", "provider"]],
    build(settings, tools) {
      const { when, failover, fallbacks } = common.parse(settings);
      const all = Object.entries(z.looseObject({}).parse(settings));
      const rest = Object.fromEntries(all.filter(([key]) => !Object.hasOwn(ruleCommonSchema.shape, key)));
      const rule = create(kind.schema.parse(rest), tools);
      if (when === undefined) return { ...rule, failover, fallbacks };
      const own = both(rule.when, conditionOf(when));
      return { ...rule, label: `${rule.label}, when ${described(when)}`, when: own, failover, fallbacks };
    },
  };
}

function both(one: Condition | undefined, other: Condition): Condition {
  return one === undefined ? other : (request) => one(request) ?? other(request);
}
