import type { Effort } from "../../core/request.ts";

/** Levels of `thinkingConfig.thinkingLevel`, as the API spells them in lower case. */
export type ThinkingLevel = "minimal" | "low" | "medium" | "high";

/** How a model's thinking is steered: by levels, by a budget of tokens, or not at all. */
export type ThinkingControl =
  | { by: "level"; levels: readonly ThinkingLevel[] }
  /** `off`: a budget of 0 is taken. */
  | { by: "budget"; min: number; max: number; off: boolean }
  | { by: "none" };

/** What one model of the Gemini API takes and refuses. */
export interface ModelRules {
  thinking: ThinkingControl;
  /**
   * The model signs its thoughts, and refuses a history in which the first call of a step has no signature. It also knows
   * ids of calls, and results that hold images.
   */
  signs: boolean;
  /** JSON output may be asked for beside function tools. */
  jsonBesideTools: boolean;
  /** Hosted tools may stand beside function tools. */
  hostedBesideTools: boolean;
  /** Fetches `https` URLs itself. */
  webUrls: boolean;
  /** Takes `systemInstruction`; else it goes before the first message of the user. */
  system: boolean;
  /** Largest output limit; undefined: unknown, nothing is clamped. */
  maxOutput?: number;
}

const FOUR_LEVELS: readonly ThinkingLevel[] = ["minimal", "low", "medium", "high"];
const THREE_LEVELS: readonly ThinkingLevel[] = ["low", "medium", "high"];

const GEMINI_1: ModelRules = {
  thinking: { by: "none" },
  signs: false,
  jsonBesideTools: false,
  hostedBesideTools: false,
  webUrls: false,
  system: true,
  maxOutput: 8192,
};
const GEMINI_2_5: ModelRules = {
  ...GEMINI_1,
  thinking: { by: "budget", min: 1, max: 24_576, off: true },
  webUrls: true,
  maxOutput: 65_536,
};
const GEMINI_3: ModelRules = {
  ...GEMINI_2_5,
  thinking: { by: "level", levels: THREE_LEVELS },
  signs: true,
  jsonBesideTools: true,
  hostedBesideTools: true,
};
const GEMINI_3_MINIMAL: ModelRules = { ...GEMINI_3, thinking: { by: "level", levels: FOUR_LEVELS } };

const { maxOutput: _, ...UNLIMITED } = GEMINI_3;
/** Aliases (`gemini-flash-latest`), tuned and future models: what the newest of them all take. */
export const UNKNOWN_MODEL: ModelRules = UNLIMITED;

export interface ModelRow {
  /** `pro`, `flash`, `flash-lite`, `gemma`; absent = all but Gemma. */
  families?: readonly string[];
  /** Applies from this version on: major * 100 + minor. */
  from: number;
  rules: ModelRules;
}

/**
 * First row that fits wins. From Google's pages on thinking, on thought signatures and on each model (ai.google.dev and
 * docs.cloud.google.com) as of November 2026; that 3.1 Pro and 3.7 Flash refuse `minimal` from answers recorded by Vercel's AI
 * SDK. Not confirmed: 3.8 Flash and later are taken to be like 3.7 Flash.
 */
export const MODEL_ROWS: readonly ModelRow[] = [
  { families: ["gemma"], from: 0, rules: { ...GEMINI_1, system: false } },
  { families: ["flash-lite"], from: 300, rules: GEMINI_3_MINIMAL },
  { families: ["flash"], from: 307, rules: GEMINI_3 },
  { families: ["flash"], from: 300, rules: GEMINI_3_MINIMAL },
  { families: ["pro"], from: 301, rules: GEMINI_3 },
  { families: ["pro"], from: 300, rules: { ...GEMINI_3, thinking: { by: "level", levels: ["low", "high"] } } },
  { from: 300, rules: GEMINI_3 },
  {
    families: ["pro"],
    from: 205,
    rules: { ...GEMINI_2_5, thinking: { by: "budget", min: 128, max: 32_768, off: false } },
  },
  {
    families: ["flash-lite"],
    from: 205,
    rules: { ...GEMINI_2_5, thinking: { by: "budget", min: 512, max: 24_576, off: true } },
  },
  { from: 205, rules: GEMINI_2_5 },
  { from: 0, rules: GEMINI_1 },
];

/** `gemini-2.5-flash-lite-preview-09-2025`, `models/gemini-3-pro-preview`, `google/gemini-3.8-flash`. */
const GEMINI = /gemini-(\d{1,2})(?:\.(\d{1,2}))?(?:-(pro|flash-lite|flash))?/;

/** The rules for a model name as Google and resellers write it. */
export function rulesOf(model: string): ModelRules {
  const name = model.toLowerCase();
  const [, major, minor, family = ""] = GEMINI.exec(name) ?? [];
  if (major === undefined) return /\bgemma/.test(name) ? rowFor("gemma", 0) : UNKNOWN_MODEL;
  return rowFor(family, Number(major) * 100 + Number(minor ?? 0));
}

function rowFor(family: string, version: number): ModelRules {
  const row = MODEL_ROWS.find(({ families, from }) => version >= from && (families?.includes(family) ?? true));
  return row?.rules ?? UNKNOWN_MODEL;
}

/** A budget as an effort, for models that take levels. */
export function effortOfBudget(budget: number): Effort {
  if (budget < 2048) return "low";
  return budget < 8192 ? "medium" : "high";
}
