import type { Provider } from "../upstream/provider.ts";

/** A number rules go by, and where it is from. */
export interface Known {
  readonly value: number;
  /** Typed in by the owner, or seen by the router. */
  readonly source: "configured" | "measured" | "catalogue";
  /** How many answers say so. */
  readonly samples?: number;
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

function rounded(value: number): number {
  return value >= 100 ? Math.round(value) : Math.round(value * 100) / 100;
}
