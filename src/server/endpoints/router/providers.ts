import { keyVariable } from "../../../config/check/providers.ts";
import type { ProviderConfig } from "../../../config/config.ts";
import type { Clock } from "../../../core/clock.ts";
import type { JsonObject } from "../../../core/json.ts";
import type { Alarm } from "../../../resilience/alarms.ts";
import type { ProviderHealth } from "../../../resilience/health.ts";
import type { Resilience } from "../../../resilience/resilience.ts";
import { addressOf } from "../../../upstream/address.ts";
import { PRESETS } from "../../../upstream/catalogue.ts";
import { type Fleet, type Provider, withoutKeys } from "../../../upstream/provider.ts";
import { type Endpoint, sendJson } from "../../call.ts";

export interface ProvidersParts {
  /** All of the config, those that were skipped too. */
  configs: readonly ProviderConfig[];
  configVersion: number;
  fleet: Fleet;
  resilience: Resilience;
  clock: Clock;
}

/** `GET /router/providers`: the providers as they are set up, without secrets, and how they are. */
export function providersEndpoint(parts: ProvidersParts): Endpoint {
  return ({ res }) => sendJson(res, 200, describe(parts), ["cache-control", "no-store"]);
}

function describe(parts: ProvidersParts): JsonObject {
  const { configs, configVersion, fleet, resilience, clock } = parts;
  const healths = resilience.health.snapshot();
  const providers = configs.map((config) => {
    const provider = fleet.get(config.name);
    const live = provider && liveState(provider, healths.get(config.name), resilience, clock.nowMs());
    return { ...settings(config, provider), live: live ?? null };
  });
  return { ts_ms: clock.wallMs(), config_version: configVersion, providers };
}

/** Field by field, so that nothing gets out that was not meant to: values of headers may be keys. */
function settings(config: ProviderConfig, provider: Provider | undefined): JsonObject {
  const { preset, models } = config;
  const variable = keyVariable(config, PRESETS);
  return {
    name: config.name,
    format: formatOf(config) ?? null,
    preset: preset ?? null,
    base_url: whereIs(config, provider),
    key: variable === undefined ? null : { variable, set: provider !== undefined },
    headers: Object.keys(config.headers),
    aliases: models === undefined || Array.isArray(models) ? {} : { ...models },
    cost_per_1m_tokens: config.cost_per_1m_tokens ?? null,
    prices: config.prices ? { ...config.prices } : null,
    model_prices: { ...config.model_prices },
    quality: config.quality,
    latency_ms: config.latency_ms ?? null,
    throughput_tokens_per_sec: config.throughput_tokens_per_sec ?? null,
    limits: {
      max_concurrency: config.max_concurrency ?? null,
      max_queue: config.max_queue,
      max_queue_ms: config.max_queue_ms,
      requests_per_minute: config.requests_per_minute ?? null,
    },
    timeout: { ...(provider?.timeout ?? config.timeout) },
  };
}

function formatOf({ format, preset }: ProviderConfig): ProviderConfig["format"] {
  return format ?? PRESETS.get(preset ?? "")?.format;
}

/** Where requests go: as the config's `base_url` is understood. Has neither user nor query. */
function whereIs(config: ProviderConfig, provider: Provider | undefined): string | null {
  const format = formatOf(config);
  const written = config.base_url ?? PRESETS.get(config.preset ?? "")?.base_url;
  if (format === undefined || format === "simulated" || written === undefined) return null;
  const { origin, basePath } = provider ?? addressOf(written, format);
  return provider ? withoutKeys(provider, origin + basePath) : origin + basePath;
}

function liveState(
  provider: Provider,
  health: ProviderHealth | undefined,
  { limiter, latencies }: Resilience,
  nowMs: number,
): JsonObject {
  const load = limiter.limits(provider) ? (limiter.state(provider.name) ?? { in_flight: 0, queued: 0 }) : undefined;
  return {
    state: health?.state ?? "closed",
    reason: health?.reason ?? null,
    pause_ms: Math.round(health?.pauseMs ?? 0),
    alarms: (health?.alarms ?? []).map(alarmOf),
    troubled_models: (health?.models ?? []).map(({ model, state, reason, pauseMs, holdMs }) => ({
      model,
      state,
      reason,
      pause_ms: Math.round(pauseMs),
      hold_ms: Math.round(holdMs),
    })),
    load: load ? { in_flight: load.in_flight, queued: load.queued, mean_ms: load.mean_ms ?? null } : null,
    time_to_first_token: latencies.measured(provider.name).map(({ model, samples, p50Ms, p95Ms }) => ({
      model,
      samples,
      p50_ms: Math.round(p50Ms),
      p95_ms: p95Ms === undefined ? null : Math.round(p95Ms),
    })),
    discovery: {
      models: provider.models.size,
      ago_ms: provider.discoveredAt === undefined ? null : Math.round(nowMs - provider.discoveredAt),
    },
  };
}

function alarmOf({ kind, model, reason, times, agoMs }: Alarm): JsonObject {
  return { alarm: kind, model, reason, times, ago_ms: Math.round(agoMs) };
}
