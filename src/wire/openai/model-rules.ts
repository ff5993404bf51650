import { EFFORTS, type Effort } from "../../core/request.ts";

/** What one OpenAI model takes and refuses, in Chat and in Responses alike. */
export interface ModelRules {
  /** False: nobody we know of; it is sent what the client asked for, as the provider's quirks say. */
  known: boolean;
  /** `at-none`: temperature, top_p and log probabilities only while the effort is `none`. `refused`: never. */
  sampling: "free" | "at-none" | "refused";
  /** Takes frequency and presence penalty and logit_bias. */
  penalties: boolean;
  stop: boolean;
  /** Takes the old `max_tokens`; the others want `max_completion_tokens`. */
  maxTokens: boolean;
  /** Levels of effort, lowest first; empty when it does not reason and refuses the field. */
  efforts: readonly Effort[];
  /** The effort when none is named, where that matters to what else it takes. */
  restsAt?: Effort;
  /** In Chat it takes function tools only at effort `none`. */
  chatToolsAtNone: boolean;
  verbosity: boolean;
  customTools: boolean;
  parallelTools: boolean;
  /** Searches the web in Chat (`web_search_options`). */
  search: boolean;
  /** Takes `prompt_cache_breakpoint`. */
  cacheMarks: boolean;
}

const GPT_4: ModelRules = {
  known: true,
  sampling: "free",
  penalties: true,
  stop: true,
  maxTokens: true,
  efforts: [],
  chatToolsAtNone: false,
  verbosity: false,
  customTools: false,
  parallelTools: true,
  search: false,
  cacheMarks: false,
};
const O_SERIES: ModelRules = {
  ...GPT_4,
  sampling: "refused",
  penalties: false,
  stop: false,
  maxTokens: false,
  efforts: ["low", "medium", "high"],
  parallelTools: false,
};
const GPT_5: ModelRules = {
  ...O_SERIES,
  efforts: ["minimal", "low", "medium", "high"],
  verbosity: true,
  customTools: true,
  parallelTools: true,
};
const TO_XHIGH: readonly Effort[] = ["low", "medium", "high", "xhigh"];
const GPT_5_1: ModelRules = {
  ...GPT_5,
  sampling: "at-none",
  efforts: ["none", "low", "medium", "high"],
  restsAt: "none",
};
const GPT_5_2: ModelRules = { ...GPT_5_1, efforts: ["none", ...TO_XHIGH] };
const GPT_5_4: ModelRules = { ...GPT_5_2, chatToolsAtNone: true };
const GPT_5_5: ModelRules = { ...GPT_5_4, restsAt: "medium" };
const GPT_5_6: ModelRules = { ...GPT_5_5, efforts: ["none", ...TO_XHIGH, "max"], cacheMarks: true };

export const UNKNOWN_MODEL: ModelRules = {
  ...GPT_4,
  known: false,
  efforts: EFFORTS,
  verbosity: true,
  customTools: true,
};

export interface ModelRow {
  /** For docs/translation.md. */
  models: string;
  pattern: RegExp;
  rules: ModelRules;
}

/**
 * First row that fits wins. From OpenAI's reasoning, latest-model and prompt-caching guides (developers.openai.com), the model
 * names of its SDK 7.57, Vercel's AI SDK, and the 400s people reported (`Model incompatible request argument supplied`,
 * `Function tools with reasoning_effort are not supported`), as of November 2026. Not confirmed: what rests at which effort
 * from 5.5 on (taken for thinking, so that sampling is left out rather than refused).
 */
export const MODEL_ROWS: readonly ModelRow[] = [
  {
    models: "search models (`gpt-4o-search-preview`, `gpt-5-search-api`)",
    pattern: /^gpt-.*search/,
    rules: { ...GPT_4, sampling: "refused", penalties: false, maxTokens: false, parallelTools: false, search: true },
  },
  { models: "`o1`, `o3-mini`", pattern: /^(?:o1|o3-mini)\b/, rules: { ...O_SERIES, stop: true } },
  { models: "deep research", pattern: /^o\d.*deep-research/, rules: { ...O_SERIES, efforts: ["medium"] } },
  { models: "`o3`, `o4-mini`, `codex-mini`", pattern: /^(?:o\d|codex-mini)/, rules: O_SERIES },
  { models: "`gpt-5-chat`", pattern: /^gpt-5-chat/, rules: { ...GPT_4, maxTokens: false } },
  {
    models: "`gpt-5.x-chat`",
    pattern: /^gpt-5\.\d+-chat/,
    rules: { ...GPT_5, efforts: ["medium"], verbosity: false },
  },
  { models: "`gpt-5-pro`", pattern: /^gpt-5-pro/, rules: { ...GPT_5, efforts: ["high"] } },
  {
    models: "`gpt-5.x-pro`",
    pattern: /^gpt-5\.\d+-pro/,
    rules: { ...GPT_5, efforts: ["medium", "high", "xhigh"] },
  },
  {
    models: "`gpt-5-codex`, `gpt-5.1-codex`",
    pattern: /^gpt-5(?:\.1)?-codex(?!-max)/,
    rules: { ...GPT_5, efforts: ["low", "medium", "high"], verbosity: false },
  },
  {
    models: "`gpt-5.1-codex-max`, later `codex`",
    pattern: /^gpt-5\.\d+-codex/,
    rules: { ...GPT_5, efforts: TO_XHIGH, verbosity: false },
  },
  { models: "`gpt-6` and later", pattern: /^gpt-(?:[6-9]|\d\d)/, rules: { ...GPT_5_6, sampling: "refused" } },
  { models: "`gpt-5.6` and later", pattern: /^gpt-5\.(?:[6-9]|\d\d)/, rules: GPT_5_6 },
  { models: "`gpt-5.5`", pattern: /^gpt-5\.5/, rules: GPT_5_5 },
  { models: "`gpt-5.4`", pattern: /^gpt-5\.4/, rules: GPT_5_4 },
  { models: "`gpt-5.2`, `gpt-5.3`", pattern: /^gpt-5\.[23]/, rules: GPT_5_2 },
  { models: "`gpt-5.1`", pattern: /^gpt-5\.1/, rules: GPT_5_1 },
  { models: "`gpt-5`", pattern: /^gpt-5(?![.\d])/, rules: GPT_5 },
  { models: "`gpt-4` and older", pattern: /^(?:chat)?gpt-(?:audio|3\.5|4)/, rules: GPT_4 },
];

/** The rules for a model name as OpenAI and resellers (`openai/gpt-5.4`) write it; fine-tuned ones have their base's. */
export function rulesOf(model: string): ModelRules {
  const name = model.toLowerCase().replace(/^ft:/, "").replace(/^.*\//, "");
  return MODEL_ROWS.find(({ pattern }) => pattern.test(name))?.rules ?? UNKNOWN_MODEL;
}

/** The effort a model gets that was asked for this one: the same, the next one up that it has, or else its highest. */
export function nearestEffort(wanted: Effort, { efforts }: ModelRules): Effort | undefined {
  const rank = EFFORTS.indexOf(wanted);
  return efforts.find((effort) => EFFORTS.indexOf(effort) >= rank) ?? efforts.at(-1);
}
