import type { JsonObject } from "../../../core/json.ts";
import type { Losses } from "../../../core/loss.ts";
import type { ChatRequest, Effort } from "../../../core/request.ts";
import type { TargetInfo } from "../../format.ts";
import { fitEffort } from "../fit-model.ts";
import type { ModelRules } from "../model-rules.ts";

/** Writes `reasoning_effort`; returns what the model is told to think with. */
export function writeReasoning(
  request: ChatRequest,
  target: TargetInfo,
  rules: ModelRules,
  body: JsonObject,
  losses: Losses,
): Effort | undefined {
  const wanted = effortFor(request, target, rules, losses);
  const effort = withTools(wanted, target, rules, body, losses);
  if (effort !== undefined) body["reasoning_effort"] = effort;
  return effort;
}

function effortFor(
  { reasoning }: ChatRequest,
  { info }: TargetInfo,
  rules: ModelRules,
  losses: Losses,
): Effort | undefined {
  if (!reasoning) return undefined;
  const off = reasoning.effort === undefined && reasoning.mode === "off";
  const named = reasoning.effort !== undefined || reasoning.budgetTokens !== undefined;
  if (info?.capabilities && !info.capabilities.has("thinking")) {
    // Models that do not reason refuse the field, and without it they do what they can.
    if (named && !off) losses.drop("reasoning_effort");
    return undefined;
  }
  // Nobody knows whether this server has a word for it.
  if (off && !rules.known && !info?.capabilities) losses.changed("reasoning", "left to the model");
  else return fitEffort(reasoning, rules, "reasoning_budget", losses);
  return undefined;
}

/**
 * From GPT-5.4 on Chat refuses function tools together with reasoning, whether an effort was named or not; only Responses has
 * both. Resellers, whose names have a vendor in front, send such requests there themselves.
 */
function withTools(
  effort: Effort | undefined,
  target: TargetInfo,
  rules: ModelRules,
  body: JsonObject,
  losses: Losses,
): Effort | undefined {
  if (!rules.chatToolsAtNone || body["tools"] === undefined || target.model.includes("/")) return effort;
  if ((effort ?? rules.restsAt) === "none") return effort;
  losses.changed("reasoning_effort", `lowered(${effort ?? "default"}->none) with tools`);
  return "none";
}
