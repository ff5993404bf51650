import { z } from "zod";
import type { JsonObject } from "../core/json.ts";
import { asArray } from "../core/json.ts";
import type { Fleet, Provider } from "../upstream/provider.ts";
import { bestFirst } from "./order.ts";
import type { Target } from "./rule.ts";

/** Settings several rules share, with one description each. */
export const provider = z.string().min(1).describe("Where the request goes.");
export const providers = z.array(z.string().min(1)).optional().describe("Those to choose from; omitted or empty: all.");
export const rewriteModel = z
  .string()
  .min(1)
  .optional()
  .describe("The model to send, instead of the one the client named.");

/** True when the settings leave the choice among all providers: then at least one is there, or the router did not start. */
export function choosesAmongAll(settings: JsonObject): boolean {
  return (asArray(settings["providers"]) ?? []).length === 0;
}

/** The one target of a rule with a fixed provider; none when the provider was left out for want of its key. */
export function* fixedTarget(fleet: Fleet, name: string, model: string): Generator<Target> {
  const found = fleet.get(name);
  if (found !== undefined) yield { provider: found, model };
}

/** The providers as targets, the highest score first, each with its score as rank. */
export function* rankedTargets(
  choice: readonly Provider[],
  score: (provider: Provider) => number,
  model: string,
): Generator<Target> {
  for (const one of bestFirst(choice, score)) yield { provider: one, model, rank: score(one) };
}

/** For labels: `→ cloud as gpt-5`. */
export function arrow(to: string, model: string | undefined): string {
  return model === undefined ? `→ ${to}` : `→ ${to} as ${model}`;
}

/** For labels: `a, b` or `all`. */
export function listed(names: readonly string[] | undefined): string {
  return names === undefined || names.length === 0 ? "all" : names.join(", ");
}
