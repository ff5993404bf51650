import { z } from "zod";
import type { JsonObject } from "../core/json.ts";
import { asArray } from "../core/json.ts";
import type { Rewrite } from "../upstream/model-list.ts";
import type { Fleet } from "../upstream/provider.ts";
import type { RoutingRequest, Target } from "./rule.ts";

/** Settings several rules share, with one description each. */
export const provider = z.string().min(1).describe("Where the request goes.");
export const providers = z.array(z.string().min(1)).optional().describe("Those to choose from; omitted or empty: all.");
export const rewriteModel = z
  .string()
  .min(1)
  .optional()
  .describe("The model to send, instead of the one the client named.");

/** A provider, and the model to ask it for. */
export const targetSchema = z.strictObject({
  provider,
  model: z.string().min(1).optional().describe("The model to send there; omitted: the one the client named."),
});
export type TargetSettings = z.output<typeof targetSchema>;

/** Several, in an order that the rule gives a meaning. */
export const targetsSchema = z.array(targetSchema).min(1);

/** Answers are seldom longer. */
const ANSWER_TOKENS = 4096;
export const reserveTokens = z
  .number()
  .int()
  .nonnegative()
  .default(ANSWER_TOKENS)
  .describe("Room the answer needs besides the prompt, whose tokens are estimated.");

/** Whether the model's context window holds the prompt and an answer of so many tokens; one nobody knows holds it. */
export function holdsPrompt({ provider, model }: Target, request: RoutingRequest, reserve: number): boolean {
  const window = request.modelInfo(provider, model)?.contextLength;
  return window === undefined || (request.inputTokens ?? 0) + reserve <= window;
}

/** True when the settings leave the choice among all providers: then at least one is there, or the router did not start. */
export function choosesAmongAll(settings: JsonObject): boolean {
  return (asArray(settings["providers"]) ?? []).length === 0;
}

/** The one target of a rule with a fixed provider; none when the provider was left out for want of its key. */
export function fixedTarget(fleet: Fleet, name: string, model: string): Target[] {
  const found = fleet.get(name);
  return found === undefined ? [] : [{ provider: found, model }];
}

/** Those whose provider was not left out for want of its key, in their order. */
export function listedTargets(fleet: Fleet, targets: readonly TargetSettings[], asked: string): Target[] {
  return targets.flatMap(({ provider: name, model }) => fixedTarget(fleet, name, model ?? asked));
}

/** The models of targets that name one, for the model lists. */
export function rewritesTo(targets: readonly TargetSettings[]): Rewrite[] {
  return targets.flatMap(({ provider: name, model }) => (model === undefined ? [] : [{ providers: [name], model }]));
}

/** For labels: `→ cloud as gpt-5`. */
export function arrow(to: string, model: string | undefined): string {
  return model === undefined ? `→ ${to}` : `→ ${to} as ${model}`;
}

/** For labels: `cloud/gpt-5, local`. */
export function namesOf(targets: readonly TargetSettings[]): string {
  return targets.map(({ provider: name, model }) => (model === undefined ? name : `${name}/${model}`)).join(", ");
}

/** For labels: `a, b` or `all`. */
export function listed(names: readonly string[] | undefined): string {
  return names === undefined || names.length === 0 ? "all" : names.join(", ");
}
