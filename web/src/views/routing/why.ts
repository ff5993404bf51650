import type { ConfigSummary, DryRun } from "../../../../src/api/routing.ts";
import { countedText } from "../../charts/data/rates.ts";

export type Rule = ConfigSummary["rules"][number];
export type Verdict = DryRun["verdicts"][number];

/** What a rule said to the request, with a sign, so that it is not told by colour alone. */
export interface Said {
  outcome: Verdict["outcome"];
  sign: string;
  /** `takes it`, `passes`. */
  word: string;
  /** Why, and where to. */
  because: string;
  /** All it compared, best first; empty: it does not compare. */
  compared: NonNullable<Verdict["compared"]>;
}

const WORDS: Record<Verdict["outcome"], { sign: string; word: string }> = {
  chosen: { sign: "✓", word: "takes it" },
  passed: { sign: "↓", word: "passes" },
  incapable: { sign: "✗", word: "cannot" },
  "not-asked": { sign: "·", word: "not asked" },
};

export function saidBy(rule: Rule, verdict: Verdict, run: DryRun, skipped: ConfigSummary["skipped"]): Said {
  return {
    outcome: verdict.outcome,
    ...WORDS[verdict.outcome],
    because: because(rule, verdict, run, skipped),
    compared: verdict.compared ?? [],
  };
}

function because(rule: Rule, verdict: Verdict, run: DryRun, skipped: ConfigSummary["skipped"]): string {
  const { outcome, provider, model, reason } = verdict;
  switch (outcome) {
    case "chosen":
      return [`${provider} gets it as ${model}`, reason].filter((said) => said !== undefined).join("; ");
    case "incapable":
      return `${provider} has ${reason ?? "not what it needs"} for ${model}`;
    case "not-asked":
      return "a rule before it decided";
    case "passed":
      return reason ?? whyPassed(rule, run, skipped);
  }
}

/** Where the router gives no reason, its providers have none to offer. */
function whyPassed({ type, settings }: Rule, run: DryRun, skipped: ConfigSummary["skipped"]): string {
  const gone = skipped.find(({ provider }) => provider === settings["provider"]);
  const model = run.requested_model;
  if (type === "discover" && gone === undefined) return `${settings["provider"]} does not list "${model}"`;
  if (gone !== undefined) return `${gone.provider} is skipped: ${gone.variable} is not set`;
  return "none of its providers is there";
}

/** The whole dry run in a sentence. */
export function conclusion(run: DryRun): string {
  const { targets, verdicts, error } = run;
  const [first] = targets;
  if (first === undefined) return error ?? "No rule takes it: the client would get an error.";
  const chosen = verdicts.find(({ outcome }) => outcome === "chosen");
  const who = chosen === undefined ? "It goes" : `Rule ${chosen.rule + 1} takes it: it goes`;
  return `${who} to ${first.provider} as ${first.model}.`;
}

/** Settings that say something besides the label, each as `name = value`. */
export function settingsOf({ settings }: Pick<Rule, "settings">): [name: string, value: string][] {
  return Object.entries(settings)
    .filter(([name, value]) => name !== "fallbacks" && value !== undefined && value !== null)
    .map(([name, value]) => [name, valueText(value)]);
}

/** A list as `a, b`, lists by name as `x: a, b; y: c`; anything deeper as JSON. */
function valueText(value: unknown): string {
  if (typeof value === "string") return value;
  if (isPlainList(value)) return value.join(", ");
  if (typeof value !== "object" || value === null || Array.isArray(value)) return JSON.stringify(value);
  const entries: [string, unknown][] = Object.entries(value);
  const said = entries.map(([name, one]) => {
    if (isPlainList(one)) return `${name}: ${one.join(", ")}`;
    const length = lengthIn(one);
    return length === undefined ? undefined : `${name}: ${countedText(length, "entry", "entries")}`;
  });
  return said.includes(undefined) ? JSON.stringify(value) : said.join("; ");
}

/** Of what is in a list the router tells only how much it is. */
function lengthIn(value: unknown): number | undefined {
  const isCount = typeof value === "object" && value !== null && "entries" in value;
  return isCount && typeof value.entries === "number" ? value.entries : undefined;
}

function isPlainList(value: unknown): value is (string | number)[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string" || typeof one === "number");
}

/** Where failed requests of a rule go when its own targets are used up. */
export function fallbacksOf({ settings }: Pick<Rule, "settings">): { provider: string; model: string | undefined }[] {
  const { fallbacks } = settings;
  if (!Array.isArray(fallbacks)) return [];
  return fallbacks.flatMap((fallback: unknown) => {
    if (typeof fallback !== "object" || fallback === null || !("provider" in fallback)) return [];
    const model = "model" in fallback ? fallback.model : undefined;
    return [{ provider: String(fallback.provider), model: typeof model === "string" ? model : undefined }];
  });
}

const SCOPES: Record<string, string> = {
  rule: "to what the rule that decided has besides, then to its fallbacks",
  chain: "to what the rule that decided has besides, to its fallbacks, then on to the rules after it",
  none: "nowhere else",
};

/** Where a failed request goes, in words. */
export function scopeWords(scope: unknown): string {
  return SCOPES[String(scope)] ?? String(scope);
}
