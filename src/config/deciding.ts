import { hash } from "node:crypto";
import { inOnePiece } from "../core/one-piece.ts";
import type { Config, ProviderConfig } from "./config.ts";

/**
 * Of all in a config that a decision depends on: two configs with the same digest decide alike. What only says how a provider is
 * reached, or what is done with an answer, is not in it.
 */
export function decidingDigest({ providers, routers, routing, failover, translation }: Config): string {
  const { measured, explore, sticky } = routing;
  const deciding = [
    providers.map(decidingOf),
    routers,
    { measured, explore, sticky },
    failover.scope,
    translation.strict,
  ];
  return inOnePiece(hash("sha256", JSON.stringify(deciding), "hex").slice(0, 16));
}

function decidingOf(provider: ProviderConfig): unknown {
  const { name, preset, models, quality, latency_ms, throughput_tokens_per_sec } = provider;
  const { cost_per_1m_tokens, prices, model_prices } = provider;
  const costs = [cost_per_1m_tokens ?? null, prices ?? null, model_prices];
  return [name, preset ?? null, models ?? null, quality, latency_ms ?? null, throughput_tokens_per_sec ?? null, costs];
}
