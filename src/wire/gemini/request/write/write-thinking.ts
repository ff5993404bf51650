import type { JsonObject } from "../../../../core/json.ts";
import { EFFORTS, type Effort, type Reasoning } from "../../../../core/request.ts";
import { effortOfBudget, type ThinkingControl, type ThinkingLevel } from "../../model-rules.ts";
import type { Draft } from "./draft.ts";

/** Share of a model's largest budget that an effort stands for. */
const BUDGET_SHARES: Readonly<Record<Effort, number>> = {
  none: 0,
  minimal: 0.02,
  low: 0.1,
  medium: 0.3,
  high: 0.6,
  xhigh: 0.9,
  max: 1,
};

/** `thinkingConfig`; undefined when the client leaves all of it to the model. */
export function writeThinking(draft: Draft): JsonObject | undefined {
  const { request, rules, losses } = draft;
  const { reasoning } = request;
  if (!reasoning) return undefined;
  const isOff = reasoning.mode === "off" || (reasoning.mode === undefined && reasoning.effort === "none");
  if (rules.thinking.by === "none") {
    if (!isOff) losses.drop(reasoning.budgetTokens === undefined ? "reasoning_effort" : "reasoning_budget");
    return undefined;
  }
  const depth = isOff ? thinkingOff(rules.thinking, draft) : depthOf(reasoning, rules.thinking, draft);
  const config = { ...depth, ...(!isOff && wantsThoughts(reasoning, draft) && { includeThoughts: true }) };
  return Object.keys(config).length === 0 ? undefined : config;
}

/**
 * Thoughts are asked for when the client reasons and does not say it wants to see nothing of it. In Responses seeing them is a
 * wish of its own (`summary`); the others show what there is.
 */
function wantsThoughts({ display }: Reasoning, { request }: Draft): boolean {
  if (display === "omitted") return false;
  return display !== undefined || request.dialect !== "openai-responses";
}

type Thinking = Exclude<ThinkingControl, { by: "none" }>;

function thinkingOff(thinking: Thinking, { losses }: Draft): JsonObject {
  if (thinking.by === "budget" && thinking.off) return { thinkingBudget: 0 };
  const least = thinking.by === "budget" ? thinking.min : (thinking.levels[0] ?? "low");
  losses.changed("reasoning", `off->${least}: the model cannot turn it off`);
  return thinking.by === "budget" ? { thinkingBudget: least } : levelJson(thinking.levels[0] ?? "low");
}

function depthOf(reasoning: Reasoning, thinking: Thinking, draft: Draft): JsonObject {
  const { effort, budgetTokens } = reasoning;
  if (thinking.by === "budget") return budgetFor(reasoning, thinking, draft);
  if (effort !== undefined && effort !== "none") return levelFor(effort, thinking.levels, draft);
  if (budgetTokens === undefined) return {};
  const level = nearest(effortOfBudget(budgetTokens), thinking.levels);
  draft.losses.changed("reasoning_budget", `${budgetTokens}->${level}: the model takes no budget`);
  return levelJson(level);
}

function levelFor(effort: Effort, levels: readonly ThinkingLevel[], { losses }: Draft): JsonObject {
  const level = nearest(effort, levels);
  if (level !== effort) losses.changed("reasoning_effort", `${effort}->${level}`);
  return levelJson(level);
}

function levelJson(level: ThinkingLevel): JsonObject {
  return { thinkingLevel: level.toUpperCase() };
}

/** The level itself, else the next one up, else the highest. */
function nearest(effort: Effort, levels: readonly ThinkingLevel[]): ThinkingLevel {
  const wanted = EFFORTS.indexOf(effort);
  return levels.find((level) => EFFORTS.indexOf(level) >= wanted) ?? levels.at(-1) ?? "high";
}

function budgetFor(
  { effort, budgetTokens }: Reasoning,
  { min, max }: Extract<Thinking, { by: "budget" }>,
  { losses }: Draft,
): JsonObject {
  if (budgetTokens === undefined && (effort === undefined || effort === "none")) return {};
  const wanted = budgetTokens ?? Math.floor(BUDGET_SHARES[effort ?? "medium"] * max);
  const thinkingBudget = Math.min(Math.max(wanted, min), max);
  if (budgetTokens !== undefined && thinkingBudget !== budgetTokens)
    losses.changed("reasoning_budget", `clamped(${budgetTokens}->${thinkingBudget})`);
  return { thinkingBudget };
}
