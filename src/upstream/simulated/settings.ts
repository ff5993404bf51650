import type { ProviderConfig } from "../../config/config.ts";
import type { ModelInfo } from "../../core/model.ts";

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
}

/** Naming statuses without a rate means that every request fails. */
export function simulatedSettings(config: ProviderConfig): SimulatedSettings {
  const { models, errors = [] } = config;
  return {
    ttftMs: config.ttft_ms ?? 0,
    tokensPerS: config.tokens_per_s,
    errorRate: config.error_rate ?? (errors.length > 0 ? 1 : 0),
    errors: errors.length > 0 ? errors : [500],
    seed: config.seed,
    models: Array.isArray(models) && models.length > 0 ? models : ["simulated"],
  };
}

/** What it says it has. It answers under any other name too. */
export function simulatedModels(settings: SimulatedSettings): ModelInfo[] {
  const capabilities = new Set(["completion", "tools", "vision", "thinking", "embedding"]);
  return settings.models.map((id) => ({ id, capabilities, contextLength: 131_072, ownedBy: "simulated" }));
}
