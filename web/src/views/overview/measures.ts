import type { Measures } from "../../../../src/api/measures.ts";
import { shareOf } from "../../charts/data/rates.ts";
import { countText, durationText, moneyText, percentText } from "../../parts/format.ts";

/** What a chart of groups can show: what adds up. */
export const MEASURES = [
  { name: "requests", words: "Requests", pick: ({ requests }: Measures) => requests, text: countText },
  { name: "errors", words: "Errors", pick: ({ errors }: Measures) => errors, text: countText },
  { name: "tokens", words: "Tokens", pick: tokensOf, text: countText },
  { name: "cost", words: "Cost", pick: ({ cost_usd }: Measures) => cost_usd, text: moneyText },
] as const;
export type MeasureName = (typeof MEASURES)[number]["name"];

export function tokensOf({ input_tokens, output_tokens }: Measures): number {
  return input_tokens + output_tokens;
}

/** Of the prompt, neither read from nor written to a cache. */
export function freshTokens({ input_tokens, cached_read_tokens, cache_write_tokens }: Measures): number {
  return Math.max(0, input_tokens - cached_read_tokens - cache_write_tokens);
}

/** Of the answer, but for what was thought. */
export function spokenTokens({ output_tokens, reasoning_tokens }: Measures): number {
  return Math.max(0, output_tokens - reasoning_tokens);
}

/** One column of the table of groups. */
export interface GroupColumn {
  name: string;
  /** What it is, where the name is short. */
  title: string;
  /** What is sorted by; null: comes last. */
  pick(measures: Measures): number | null;
  text(value: number): string;
}

export const GROUP_COLUMNS: readonly GroupColumn[] = [
  { name: "Requests", title: "Requests", pick: ({ requests }) => requests, text: countText },
  { name: "Errors", title: "Errors", pick: ({ errors }) => errors, text: countText },
  {
    name: "Error rate",
    title: "Share of requests that failed",
    pick: ({ errors, requests }) => shareOf(errors, requests),
    text: percentText,
  },
  { name: "p50", title: "Half of the answers were complete by then", ...quantile("duration_ms", "p50") },
  { name: "p95", title: "95 % of the answers were complete by then", ...quantile("duration_ms", "p95") },
  { name: "p99", title: "99 % of the answers were complete by then", ...quantile("duration_ms", "p99") },
  { name: "TTFT p50", title: "Time to first token, half of them", ...quantile("time_to_first_token_ms", "p50") },
  { name: "TTFT p95", title: "Time to first token, 95 % of them", ...quantile("time_to_first_token_ms", "p95") },
  { name: "In", title: "Input tokens", pick: ({ input_tokens }) => input_tokens, text: countText },
  {
    name: "Cached",
    title: "Input tokens read from a cache",
    pick: ({ cached_read_tokens }) => cached_read_tokens,
    text: countText,
  },
  { name: "Out", title: "Output tokens", pick: ({ output_tokens }) => output_tokens, text: countText },
  {
    name: "Reasoning",
    title: "Output tokens that were thought",
    pick: ({ reasoning_tokens }) => reasoning_tokens,
    text: countText,
  },
  { name: "Cost", title: "Of those whose price is known", pick: knownCost, text: moneyText },
  { name: "Unpriced", title: "Requests whose price is not known", pick: ({ unpriced }) => unpriced, text: countText },
];

/** Null when nothing is known but that some have no known price: $0 would be a guess. */
export function knownCost({ cost_usd, unpriced }: Measures): number | null {
  return cost_usd === 0 && unpriced > 0 ? null : cost_usd;
}

function quantile(of: "duration_ms" | "time_to_first_token_ms", p: "p50" | "p95" | "p99") {
  return { pick: (measures: Measures) => measures[of]?.[p] ?? null, text: durationText };
}

export interface Sorting {
  column: string;
  isUp: boolean;
}

/** Sorted by a column, or by key; what has no value comes last either way. */
export function sorted<Row extends { key: string; total: Measures }>(rows: readonly Row[], sorting: Sorting): Row[] {
  const sign = sorting.isUp ? 1 : -1;
  const pick = GROUP_COLUMNS.find(({ name }) => name === sorting.column)?.pick;
  if (pick === undefined) return [...rows].sort((a, b) => sign * a.key.localeCompare(b.key));
  return [...rows].sort((a, b) => {
    const [one, other] = [pick(a.total), pick(b.total)];
    if (one === null || other === null) return Number(one === null) - Number(other === null);
    return sign * (one - other);
  });
}
