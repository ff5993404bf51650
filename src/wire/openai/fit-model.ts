import type { Losses } from "../../core/loss.ts";
import type { ChatRequest, Effort, Reasoning, Sampling } from "../../core/request.ts";
import { type ModelRules, nearestEffort } from "./model-rules.ts";

/** Fields a model may refuse, with the value that changes nothing: leaving that one out loses nothing. */
const NEEDS_FREEDOM = [
  ["temperature", "temperature", 1],
  ["topP", "top_p", 1],
  ["topLogprobs", "top_logprobs", 0],
] as const;
const PENALTIES = [
  ["frequencyPenalty", "frequency_penalty", 0],
  ["presencePenalty", "presence_penalty", 0],
] as const;

/** What of the sampling this model takes; the rest is told as losses. `effort`: what it is told to think with, if it is. */
export function fitSampling(
  { sampling }: ChatRequest,
  rules: ModelRules,
  effort: Effort | undefined,
  losses: Losses,
): Sampling {
  if (!rules.known) return sampling;
  const fitted = { ...sampling };
  const leave = (key: keyof Sampling, field: string, neutral?: number | boolean): void => {
    if (fitted[key] !== undefined && fitted[key] !== neutral) losses.changed(field, "dropped");
    delete fitted[key];
  };
  const atNone = rules.sampling === "at-none" && (effort ?? rules.restsAt) === "none";
  if (rules.sampling !== "free" && !atNone) {
    for (const [key, field, neutral] of NEEDS_FREEDOM) leave(key, field, neutral);
    leave("logprobs", "logprobs", false);
  }
  if (!rules.penalties) {
    for (const [key, field, neutral] of PENALTIES) leave(key, field, neutral);
    leave("logitBias", "logit_bias");
  }
  if (!rules.stop) leave("stop", "stop");
  return fitted;
}

/** The effort to send for what the client asked; undefined: none of it can be said. `budgetField`: the budget's name in losses. */
export function fitEffort(
  asked: Reasoning,
  rules: ModelRules,
  budgetField: string,
  losses: Losses,
): Effort | undefined {
  const named = asked.effort ?? (asked.mode === "off" ? "none" : undefined);
  const wanted = named ?? effortOfBudget(asked.budgetTokens);
  if (wanted === undefined) return undefined;
  const effort = nearestEffort(wanted, rules);
  // A model that does not reason does as it was asked when it was asked not to.
  if (effort === undefined && wanted !== "none") losses.changed("reasoning_effort", "dropped");
  if (effort === undefined) return undefined;
  if (named === undefined) losses.changed(budgetField, `approximated(${asked.budgetTokens}->${effort})`);
  else if (effort !== named) losses.changed("reasoning_effort", `approximated(${named}->${effort})`);
  return effort;
}

/** Fixed steps: providers do not say how many tokens an effort is. */
function effortOfBudget(tokens: number | undefined): Effort | undefined {
  if (tokens === undefined) return undefined;
  if (tokens < 2048) return "low";
  if (tokens < 8192) return "medium";
  return tokens < 24_576 ? "high" : "xhigh";
}

/** Models that always answer at one length refuse the field; `medium` is what they do anyway. */
export function fitVerbosity(request: ChatRequest, rules: ModelRules, losses: Losses): string | undefined {
  if (rules.verbosity || request.verbosity === undefined) return request.verbosity;
  if (request.verbosity !== "medium") losses.changed("verbosity", "dropped");
  return undefined;
}

/** Models that call one tool at a time refuse the field; asked not to call several, they do as asked. */
export function fitParallel(request: ChatRequest, rules: ModelRules): boolean | undefined {
  return rules.parallelTools ? request.parallelToolCalls : undefined;
}
