import { type ProviderSettings, type Providers, providersSchema } from "../../../api/providers.ts";
import { keySource } from "../../../config/check/providers.ts";
import type { ProviderConfig } from "../../../config/config.ts";
import { shownSource } from "../../../config/secrets/key-source.ts";
import { addressOf } from "../../../upstream/address.ts";
import { PRESETS } from "../../../upstream/catalogue.ts";
import { type Provider, withoutKeys } from "../../../upstream/provider.ts";
import { type RouterRoute, sendShape } from "./describe.ts";
import type { RouterRouteParts } from "./parts.ts";
import { liveState } from "./provider-live.ts";

export function providersRoute(parts: RouterRouteParts): RouterRoute {
  return {
    method: "GET",
    path: "/router/providers",
    summary: "The providers as they are set up, without secrets, and how they are.",
    answer: providersSchema,
    endpoint: ({ res }) => sendShape(res, providersSchema, describe(parts)),
  };
}

function describe({ config, configVersion, fleet, resilience, clock }: RouterRouteParts): Providers {
  const healths = resilience.health.snapshot();
  const providers = config.providers.map((one) => {
    const provider = fleet.get(one.name);
    const live = provider && liveState(provider, healths.get(one.name), resilience, clock);
    return { ...settings(one, provider), live: live ?? null };
  });
  return { ts_ms: clock.wallMs(), config_version: configVersion, providers };
}

/** Field by field, so that nothing gets out that was not meant to: values of headers may be keys. */
function settings(config: ProviderConfig, provider: Provider | undefined): ProviderSettings {
  const { preset, models } = config;
  const source = keySource(config, PRESETS);
  return {
    name: config.name,
    format: formatOf(config) ?? null,
    preset: preset ?? null,
    base_url: whereIs(config, provider),
    key: source === undefined ? null : { variable: shownSource(source), set: provider !== undefined },
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
