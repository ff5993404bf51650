import type { Effort } from "../../core/request.ts";

export type ThinkingType = "enabled" | "adaptive" | "disabled" | "between_tools";

/** What one Claude model takes and refuses. */
export interface ModelRules {
  /** False: nobody we know of; assumed to take whatever version 2023-06-01 allows. */
  known: boolean;
  /** `one`: temperature or top_p, not both. `refused`: none of temperature, top_p, top_k. */
  sampling: "free" | "one" | "refused";
  thinking: readonly ThinkingType[];
  /** `thinking: disabled` is refused above this effort. */
  disabledUpTo?: Effort;
  /** Levels of `output_config.effort`, lowest first; empty when the field is refused. */
  efforts: readonly Effort[];
  forcedTool: boolean;
  prefill: boolean;
  /** Takes `role: system` inside `messages`. */
  midSystem: boolean;
  /** Takes `output_config.format`. */
  structured: boolean;
  maxOutput: number;
  /** Takes `speed: "fast"`. */
  fast?: boolean;
}

const FOUR_EFFORTS: readonly Effort[] = ["low", "medium", "high", "max"];
const FIVE_EFFORTS: readonly Effort[] = ["low", "medium", "high", "xhigh", "max"];

const CLAUDE_3: ModelRules = {
  known: true,
  sampling: "free",
  thinking: [],
  efforts: [],
  forcedTool: true,
  prefill: true,
  midSystem: false,
  structured: false,
  maxOutput: 4096,
};
const CLAUDE_3_7: ModelRules = { ...CLAUDE_3, thinking: ["enabled", "disabled"], maxOutput: 64_000 };
const CLAUDE_4_1: ModelRules = { ...CLAUDE_3_7, sampling: "one", structured: true };
const CLAUDE_4_6: ModelRules = {
  ...CLAUDE_4_1,
  thinking: ["adaptive", "enabled", "disabled"],
  efforts: FOUR_EFFORTS,
  prefill: false,
  maxOutput: 128_000,
};
const CLAUDE_4_7: ModelRules = {
  ...CLAUDE_4_6,
  sampling: "refused",
  thinking: ["adaptive", "disabled"],
  efforts: FIVE_EFFORTS,
};
const CLAUDE_5: ModelRules = { ...CLAUDE_4_7, midSystem: true };

export const UNKNOWN_MODEL: ModelRules = {
  ...CLAUDE_3,
  known: false,
  thinking: ["enabled", "adaptive", "disabled", "between_tools"],
  efforts: FIVE_EFFORTS,
  structured: true,
  maxOutput: 8192,
};

export interface ModelRow {
  /** Families the row is about; absent = all. */
  families?: readonly string[];
  /** Applies from this version on: major * 100 + minor. */
  from: number;
  rules: ModelRules;
}

/**
 * First row that fits wins. From Anthropic's model and migration pages (platform.claude.com) as of November 2026; output
 * limits also from the defaults of Vercel's AI SDK. Not confirmed: forced tools on Haiku 5.5 (assumed to work).
 */
export const MODEL_ROWS: readonly ModelRow[] = [
  { families: ["opus"], from: 505, rules: { ...CLAUDE_5, thinking: ["adaptive"], forcedTool: false, fast: true } },
  { families: ["fable"], from: 502, rules: { ...CLAUDE_5, thinking: ["adaptive"], forcedTool: false, fast: true } },
  { families: ["fable"], from: 501, rules: { ...CLAUDE_5, thinking: ["adaptive"], forcedTool: false } },
  {
    families: ["sonnet"],
    from: 505,
    rules: { ...CLAUDE_5, thinking: ["adaptive", "between_tools"], forcedTool: false },
  },
  { families: ["haiku"], from: 505, rules: { ...CLAUDE_5, disabledUpTo: "high" } },
  { families: ["opus"], from: 500, rules: { ...CLAUDE_5, disabledUpTo: "high", fast: true } },
  { from: 500, rules: CLAUDE_5 },
  { families: ["opus"], from: 408, rules: CLAUDE_5 },
  { from: 407, rules: CLAUDE_4_7 },
  { from: 406, rules: CLAUDE_4_6 },
  { families: ["opus"], from: 405, rules: { ...CLAUDE_4_1, efforts: ["low", "medium", "high"] } },
  { families: ["opus"], from: 401, rules: { ...CLAUDE_4_1, maxOutput: 32_000 } },
  { from: 401, rules: CLAUDE_4_1 },
  { families: ["opus"], from: 400, rules: { ...CLAUDE_3_7, maxOutput: 32_000 } },
  { from: 307, rules: CLAUDE_3_7 },
  { from: 305, rules: { ...CLAUDE_3, maxOutput: 8192 } },
  { from: 0, rules: CLAUDE_3 },
];

/** `claude-opus-4-5-20251101`, `anthropic/claude-sonnet-4.6`; a date is no minor version. */
const FAMILY_FIRST = /claude-([a-z]+)-(\d{1,2})(?:[-.](\d{1,2}))?(?!\d)/;
/** `claude-3-5-sonnet-latest`. */
const VERSION_FIRST = /claude-(\d{1,2})(?:[-.](\d{1,2}))?-([a-z]+)/;

/** The rules for a model name as providers and resellers write it. */
export function rulesOf(model: string): ModelRules {
  const name = model.toLowerCase();
  const late = FAMILY_FIRST.exec(name);
  const [family, major, minor] = late
    ? [late[1], late[2], late[3]]
    : ((early) => [early?.[3], early?.[1], early?.[2]])(VERSION_FIRST.exec(name));
  if (family === undefined || major === undefined) return UNKNOWN_MODEL;
  const version = Number(major) * 100 + Number(minor ?? 0);
  const row = MODEL_ROWS.find(({ families, from }) => version >= from && (families?.includes(family) ?? true));
  return row?.rules ?? UNKNOWN_MODEL;
}
