import type { Json } from "../../../core/json.ts";
import type { Losses } from "../../../core/loss.ts";
import { type ChatRequest, EFFORTS, type Effort, type Reasoning } from "../../../core/request.ts";
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
  if (own !== undefined) return own;
  const { values } = target.info?.thinking ?? {};
  return values ? fitted(reasoning, values, losses) : levelOf(reasoning, losses);
}

type Degree = string | boolean;

/** The value nearest to what is wanted, of those the model says it knows. */
function fitted(reasoning: Reasoning, values: readonly Degree[], losses: Losses): Degree | undefined {
  const wanted = wantedOf(reasoning);
  if (wanted === undefined) return undefined;
  const near = values.includes(wanted) ? wanted : nearest(wanted, values);
  if (reasoning.effort === undefined && reasoning.budgetTokens !== undefined)
    losses.changed("reasoning_budget", `${reasoning.budgetTokens}->${near}`);
  else if (near !== wanted && wanted !== true) losses.changed("reasoning_effort", `${wanted}->${near}`);
  return near;
}

/** The next level up, else the highest. Told to think, a model does as it is used to; told not to, as little as it can. */
function nearest(wanted: Effort | boolean, values: readonly Degree[]): Degree | undefined {
  if (wanted === true) return undefined;
  const levels = EFFORTS.filter((effort) => values.includes(effort));
  const rank = wanted === false ? 0 : EFFORTS.indexOf(wanted);
  const level = levels.find((effort) => EFFORTS.indexOf(effort) >= rank) ?? levels.at(-1);
  return level ?? (values.includes(true) ? true : undefined);
}

function wantedOf({ mode, effort, budgetTokens }: Reasoning): Effort | boolean | undefined {
  if (mode === "off" || effort === "none") return false;
  if (effort !== undefined) return effort;
  if (budgetTokens !== undefined) return levelOfBudget(budgetTokens);
  return mode === "on" ? true : undefined;
}

function asksForThought(reasoning: Reasoning): boolean {
  if (reasoning.mode === "off" || reasoning.effort === "none") return false;
  return reasoning.effort !== undefined || reasoning.budgetTokens !== undefined || reasoning.mode === "on";
}

/** For servers too old to say what a model knows. */
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

function levelOfBudget(tokens: number): Effort {
  if (tokens < 2_000) return "low";
  if (tokens < 8_000) return "medium";
  return tokens < 24_000 ? "high" : "max";
}

export function isOllama(request: ChatRequest): boolean {
  return request.dialect === "ollama" || request.dialect === "ollama-generate";
}
