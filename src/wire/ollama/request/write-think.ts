import type { Json } from "../../../core/json.ts";
import type { Losses } from "../../../core/loss.ts";
import type { ChatRequest, Effort, Reasoning } from "../../../core/request.ts";
import type { TargetInfo } from "../../format.ts";

const LEVELS: Readonly<Record<Effort, false | "low" | "medium" | "high" | "max">> = {
  none: false,
  minimal: "low",
  low: "low",
  medium: "medium",
  high: "high",
  xhigh: "max",
  max: "max",
};

/** The value of `think`; undefined leaves it to the model. A model that cannot think answers any `think` with a 400. */
export function writeThink(request: ChatRequest, target: TargetInfo, losses: Losses): Json | undefined {
  const { reasoning } = request;
  if (!reasoning) return undefined;
  const { capabilities } = target.info ?? {};
  if (capabilities && !capabilities.has("thinking")) {
    // Asking such a model not to think asks for what it does anyway, and `adaptive` leaves the choice to it.
    if (asksForThought(reasoning)) losses.drop("reasoning_effort");
    return undefined;
  }
  const own = isOllama(request) ? request.extra["think"] : undefined;
  return own ?? levelOf(reasoning, losses);
}

function asksForThought(reasoning: Reasoning): boolean {
  if (reasoning.mode === "off" || reasoning.effort === "none") return false;
  return reasoning.effort !== undefined || reasoning.budgetTokens !== undefined || reasoning.mode === "on";
}

function levelOf(reasoning: Reasoning, losses: Losses): Json | undefined {
  if (reasoning.mode === "off") return false;
  if (reasoning.effort !== undefined) {
    const level = LEVELS[reasoning.effort];
    if (level !== false && level !== reasoning.effort)
      losses.changed("reasoning_effort", `${reasoning.effort}->${level}`);
    return level;
  }
  if (reasoning.budgetTokens !== undefined) {
    const level = levelOfBudget(reasoning.budgetTokens);
    losses.changed("reasoning_budget", `${reasoning.budgetTokens}->${level}`);
    return level;
  }
  return reasoning.mode === "on" ? true : undefined;
}

function levelOfBudget(tokens: number): string {
  if (tokens < 2_000) return "low";
  if (tokens < 8_000) return "medium";
  return tokens < 24_000 ? "high" : "max";
}

export function isOllama(request: ChatRequest): boolean {
  return request.dialect === "ollama" || request.dialect === "ollama-generate";
}
