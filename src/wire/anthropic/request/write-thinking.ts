import type { JsonObject } from "../../../core/json.ts";
import { EFFORTS, type Effort, type Reasoning } from "../../../core/request.ts";
import type { Draft } from "./draft.ts";

export interface Thinking {
  thinking?: JsonObject;
  /** For `output_config`. */
  effort?: Effort;
  /** The output limit, where it has to be raised for the thinking; told as a loss by who keeps the thinking. */
  maxTokens?: number;
}

const MIN_BUDGET = 1024;

/** Share of the output limit that thinking may use, where a model takes a budget and the client named an effort. */
const BUDGET_SHARES: Readonly<Record<Effort, number>> = {
  none: 0,
  minimal: 0.02,
  low: 0.1,
  medium: 0.3,
  high: 0.6,
  xhigh: 0.9,
  max: 0.95,
};

/** `reasoning` as the `thinking` and effort the model takes. */
export function writeThinking(draft: Draft, maxTokens: number): Thinking {
  const { reasoning } = draft.request;
  if (!reasoning) return {};
  if (reasoning.mode === "off" || (reasoning.mode === undefined && reasoning.effort === "none"))
    return thinkingOff(reasoning, draft);
  switch (wantedType(reasoning, draft)) {
    case "adaptive":
      return adaptive(reasoning, draft);
    case "enabled":
      return enabled(reasoning, maxTokens, draft);
    default:
      return effortOf(reasoning.effort, draft);
  }
}

function wantedType(reasoning: Reasoning, { request, rules }: Draft): "adaptive" | "enabled" | undefined {
  if (reasoning.budgetTokens !== undefined) return "enabled";
  if (reasoning.mode === "adaptive") return "adaptive";
  // An Anthropic client that names an effort and no thinking wants just that.
  if (reasoning.mode === undefined && request.dialect === "anthropic") return undefined;
  return rules.known && rules.thinking.includes("adaptive") ? "adaptive" : "enabled";
}

function thinkingOff(reasoning: Reasoning, draft: Draft): Thinking {
  const { rules, losses } = draft;
  if (rules.thinking.length === 0) return {};
  if (rules.thinking.includes("disabled")) {
    const plan = effortOf(reasoning.effort, draft);
    if (rank(plan.effort) > rank(rules.disabledUpTo ?? "max")) {
      losses.changed("reasoning_effort", `${plan.effort}->${rules.disabledUpTo}: thinking is off`);
      plan.effort = rules.disabledUpTo ?? "high";
    }
    return { ...plan, thinking: { type: "disabled" } };
  }
  if (rules.thinking.includes("between_tools")) {
    losses.changed("reasoning", "off->between_tools: the model cannot turn it off");
    return { thinking: { type: "between_tools" } };
  }
  losses.changed("reasoning", "off->low: the model cannot turn it off");
  return effortOf("low", draft);
}

function adaptive(reasoning: Reasoning, draft: Draft): Thinking {
  const { rules, losses } = draft;
  if (rules.thinking.includes("adaptive"))
    return { ...effortOf(reasoning.effort, draft), thinking: { type: "adaptive", ...displayOf(reasoning) } };
  if (!rules.thinking.includes("enabled")) {
    losses.drop("reasoning_effort");
    return {};
  }
  losses.changed("thinking", "adaptive->enabled");
  return enabled(reasoning, draft.request.maxOutputTokens ?? rules.maxOutput, draft);
}

function enabled(reasoning: Reasoning, maxTokens: number, draft: Draft): Thinking {
  const { rules, losses, request } = draft;
  const { budgetTokens } = reasoning;
  if (!rules.thinking.includes("enabled")) {
    if (rules.thinking.length === 0) losses.drop(budgetTokens === undefined ? "reasoning_effort" : "reasoning_budget");
    if (rules.thinking.length === 0) return {};
    losses.changed("thinking.budget_tokens", "enabled->adaptive: the model takes no budget");
    return adaptive({ ...reasoning, effort: reasoning.effort ?? effortOfBudget(budgetTokens ?? 0) }, draft);
  }
  if (maxTokens <= MIN_BUDGET) return noRoom(reasoning, maxTokens, draft);
  const wanted = budgetTokens ?? Math.floor(BUDGET_SHARES[reasoning.effort ?? "medium"] * maxTokens);
  const budget = Math.min(Math.max(wanted, MIN_BUDGET), maxTokens - 1);
  if (budgetTokens !== undefined && budget !== budgetTokens)
    losses.changed("thinking.budget_tokens", `clamped(${budgetTokens}->${budget})`);
  // For other clients the budget already says what their effort meant.
  const effort = request.dialect === "anthropic" ? effortOf(reasoning.effort, draft) : {};
  return { ...effort, thinking: { type: "enabled", budget_tokens: budget, ...displayOf(reasoning) } };
}

/** A limit below the smallest budget: who named an effort gets that budget on top of it, who named a budget erred. */
function noRoom(reasoning: Reasoning, maxTokens: number, { losses }: Draft): Thinking {
  if (reasoning.budgetTokens !== undefined) {
    losses.changed("reasoning", `off: an output limit of ${maxTokens} leaves no room for thinking`);
    return {};
  }
  const thinking = { type: "enabled", budget_tokens: MIN_BUDGET, ...displayOf(reasoning) };
  return { maxTokens: maxTokens + MIN_BUDGET, thinking };
}

/** OpenAI's `auto|concise|detailed` all ask to see something; newer models show nothing unless asked. */
function displayOf({ display }: Reasoning): JsonObject {
  if (display === undefined) return {};
  return { display: display === "omitted" || display === "summarized" ? display : "summarized" };
}

function effortOfBudget(budget: number): Effort {
  if (budget < 2048) return "low";
  if (budget < 8192) return "medium";
  return budget < 24_576 ? "high" : "xhigh";
}

function effortOf(effort: Effort | undefined, { rules, losses }: Draft): Thinking {
  if (effort === undefined || effort === "none") return {};
  if (rules.efforts.length === 0) {
    losses.drop("reasoning_effort");
    return {};
  }
  const level = nearest(effort, rules.efforts);
  if (level !== effort) losses.changed("reasoning_effort", `${effort}->${level}`);
  return { effort: level };
}

/** The level itself, else the next one up (`minimal`→`low`, `xhigh`→`max`), else the highest. */
function nearest(effort: Effort, levels: readonly Effort[]): Effort {
  return levels.find((level) => rank(level) >= rank(effort)) ?? levels.at(-1) ?? effort;
}

function rank(effort: Effort | undefined): number {
  return effort === undefined ? -1 : EFFORTS.indexOf(effort);
}
