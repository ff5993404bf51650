import type { ExpectedTokens } from "../cost/expected-cost.ts";
import type { Provider } from "../upstream/provider.ts";

/** A number rules go by, and where it is from. */
export interface Known {
  readonly value: number;
  /** Typed in by the owner, or seen by the router. */
  readonly source: "configured" | "measured" | "catalogue";
  /** How many answers say so. */
  readonly samples?: number;
  /** Of a cost: what it is for, where that matters. */
  readonly tokens?: ExpectedTokens;
}

/** What is known of targets, for one request: prompts of another length take another time. Undefined: nobody knows. */
export interface TargetNumbers {
  /** Until the answer begins, for a stream; until it is there, else. ms. */
  latencyMs(provider: Provider, model: string): Known | undefined;
  /** How fast the answer comes. */
  tokensPerSec(provider: Provider, model: string): Known | undefined;
  /** Share of the requests that failed by its fault: 0 to 1. */
  errorRate(provider: Provider, model: string): Known | undefined;
  /** US dollars for a million tokens of this request, prompt and expected answer together. */
  costPer1M(provider: Provider, model: string): Known | undefined;
}

/** What the config says. */
export const CONFIGURED: TargetNumbers = {
  latencyMs: ({ config }) => configured(config.latency_ms),
  tokensPerSec: ({ config }) => configured(config.throughput_tokens_per_sec),
  errorRate: () => undefined,
  costPer1M: ({ config }) => configured(config.cost_per_1m_tokens),
};

export function configured(value: number | undefined): Known | undefined {
  return value === undefined ? undefined : { value, source: "configured" };
}

/** For people: `320 ms (measured, 34 answers)`. */
export function knownText({ value, source, samples }: Known, unit: string): string {
  const from = samples === undefined ? source : `${source}, ${samples} answers`;
  return `${rounded(value)}${unit === "" ? "" : ` ${unit}`} (${from})`;
}

/** For people: `3.21 for 1M tokens (catalogue; 12,000 in, of which 11,400 cached, about 400 out)`. Unknown counts as nothing. */
export function costText(known: Known | undefined): string {
  if (!known) return "no price known, taken as 0";
  const { value, source, tokens } = known;
  if (!tokens) return `${value} for 1M tokens${source === "configured" ? "" : ` (${source})`}`;
  const [input, cached, output] = [tokens.input, tokens.cached, tokens.output].map((n) => n.toLocaleString("en-US"));
  const ofWhich = tokens.cached > 0 ? `, of which ${cached} cached` : "";
  return `${Number(value.toPrecision(4))} for 1M tokens (${source}; ${input} in${ofWhich}, about ${output} out)`;
}

/** An error rate in steps of a tenth, so that chance does not move requests: below a twentieth it is none. */
export function errorStep(known: Known | undefined): number {
  return Math.round((known?.value ?? 0) * 10) / 10;
}

/** For people, after other words: `, 30 % of 42 requests failed`; nothing where that is none. */
export function errorText(known: Known | undefined): string {
  const step = errorStep(known);
  return step === 0 ? "" : `, ${Math.round(step * 100)} % of ${known?.samples ?? 0} requests failed`;
}

function rounded(value: number): number {
  return value >= 100 ? Math.round(value) : Math.round(value * 100) / 100;
}
