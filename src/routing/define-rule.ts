import { z } from "zod";
import { ruleCommonSchema } from "../config/config.ts";
import type { SettingsKind } from "../config/kinds.ts";
import type { JsonObject } from "../core/json.ts";
import type { Log } from "../core/log.ts";
import { inOnePiece } from "../core/one-piece.ts";
import { conditionOf, described } from "./conditions/condition.ts";
import type { Condition, Rule } from "./rule.ts";

export interface RuleTools {
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
      const { label, ...rule } = create(kind.schema.parse(rest), tools);
      if (when === undefined) return { ...rule, label: inOnePiece(label), failover, fallbacks };
      const own = both(rule.when, conditionOf(when));
      return { ...rule, label: inOnePiece(`${label}, when ${described(when)}`), when: own, failover, fallbacks };
    },
  };
}

function both(one: Condition | undefined, other: Condition): Condition {
  return one === undefined ? other : (request) => one(request) ?? other(request);
}
