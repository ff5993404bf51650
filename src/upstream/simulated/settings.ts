import type { ProviderConfig, ReplyConfig } from "../../config/config.ts";
import type { ModelInfo } from "../../core/model.ts";
import { EXAMPLES } from "./examples.ts";

/** How the built-in provider behaves. */
export interface SimulatedSettings {
  /** ms to the first token. */
  ttftMs: number;
  /** Undefined: as fast as it goes. */
  tokensPerS: number | undefined;
  /** Share of requests that fail, 0 to 1. */
  errorRate: number;
  /** Statuses they fail with, one of them drawn each time. */
  errors: readonly number[];
  seed: number | undefined;
  models: readonly string[];
  /** What they can do that the router looks at. */
  capabilities: readonly string[];
  outage: { everyMs: number; lastsMs: number } | undefined;
  /** What it tells of its prompt cache; undefined: it has none. */
  promptCache: { reads: boolean; writes: boolean } | undefined;
  /** The first whose prompt is met answers. */
  replies: readonly ReplyConfig[];
}

const EXAMPLE_REPLIES: readonly ReplyConfig[] = EXAMPLES.flat();

/** Naming statuses without a rate means that every request fails. */
export function simulatedSettings(config: ProviderConfig): SimulatedSettings {
  const { models, errors = [], outage, replies = [], capabilities = ["tools", "vision"] } = config;
  // Without aliases it has but one, whose name does not matter.
  const names = Array.isArray(models) ? models : [...new Set(Object.values(models ?? {}))];
  return {
    ttftMs: config.ttft_ms ?? 0,
    tokensPerS: config.tokens_per_s,
    errorRate: config.error_rate ?? (errors.length > 0 ? 1 : 0),
    errors: errors.length > 0 ? errors : [500],
    seed: config.seed,
    models: names.length > 0 ? names : ["simulated"],
    capabilities,
    outage: outage && { everyMs: outage.every_s * 1000, lastsMs: outage.lasts_s * 1000 },
    promptCache: config.prompt_cache ? toldOfCache(config.speaks) : undefined,
    replies: replies === "examples" ? EXAMPLE_REPLIES : replies,
  };
}

/** APIs differ in what they tell: only Anthropic's bills writing, and Ollama's is silent. */
function toldOfCache(speaks: ProviderConfig["speaks"]): SimulatedSettings["promptCache"] {
  return { reads: speaks !== "ollama", writes: speaks === undefined || speaks === "anthropic" };
}

/** True while it is down, `ms` after it was first asked anything. */
export function isDown({ outage }: SimulatedSettings, ms: number): boolean {
  return outage !== undefined && ms % outage.everyMs >= outage.everyMs - outage.lastsMs;
}

/** What it says it has. It answers under any other name too. */
export function simulatedModels(settings: SimulatedSettings): ModelInfo[] {
  const capabilities = new Set(["completion", "thinking", "embedding", ...settings.capabilities]);
  return settings.models.map((id) => ({ id, capabilities, contextLength: 131_072, ownedBy: "simulated" }));
}
