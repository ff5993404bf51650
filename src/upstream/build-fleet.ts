import { hash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { ProviderConfig } from "../config/config.ts";
import { type KeySource, sourceOf } from "../config/secrets/key-source.ts";
import { setOwn } from "../core/json.ts";
import type { Dialect } from "../core/part.ts";
import type { ProviderHalf, Quirks } from "../wire/format.ts";
import { simulatedSpeaking } from "../wire/simulated/speaking.ts";
import { type Address, addressOf } from "./address.ts";
import { PRESETS, type Preset } from "./catalogue.ts";
import { Fleet, type Provider } from "./provider.ts";
import { isNearby, timeoutsOf } from "./timeouts.ts";
import { DIRECT, wayTo } from "./way.ts";

/** Environment variables by name; and, by where they are, keys that were fetched from elsewhere. */
export type Env = Readonly<Record<string, string | undefined>>;

export interface BuiltFleet {
  fleet: Fleet;
  /** Left out for want of a key, and where it was looked for. */
  skipped: { name: string; source: KeySource }[];
}

/**
 * The providers of a checked config, ready to send to. Throws on what the checker would have refused. `before`: the fleet of
 * the config until now; a provider that is the same in both stays the same object, with what is known of it.
 */
export function buildFleet(
  configs: readonly ProviderConfig[],
  env: Env,
  halves: ReadonlyMap<Dialect, ProviderHalf>,
  before?: Fleet,
): BuiltFleet {
  const providers: Provider[] = [];
  const skipped: BuiltFleet["skipped"] = [];
  for (const config of configs) {
    const preset = config.preset === undefined ? undefined : PRESETS.get(config.preset);
    const source = sourceOf(config.api_key_env, config.api_key_from) ?? preset?.api_key_env;
    // A key pasted with its line end would break every header.
    const key = source === undefined ? undefined : env[source]?.trim();
    if (source !== undefined && !key) skipped.push({ name: config.name, source });
    else providers.push(known(buildProvider(config, preset, { key, env }, halves), before?.get(config.name)));
  }
  return { fleet: new Fleet(providers, new Set(skipped.map(({ name }) => name))), skipped };
}

/** What was known before a reload counts on where format, address, the way there and key are the same. */
export function isSamePlace(one: Provider, other: Provider): boolean {
  return (
    one.half === other.half &&
    one.origin === other.origin &&
    one.basePath === other.basePath &&
    isDeepStrictEqual([one.headers, one.way], [other.headers, other.way])
  );
}

function known(fresh: Provider, old: Provider | undefined): Provider {
  if (old === undefined || !isSamePlace(fresh, old)) return fresh;
  if (isDeepStrictEqual(old.config, fresh.config)) return old;
  // The simulated one's models are in its config.
  if (fresh.half.dialect === "simulated") return fresh;
  return { ...fresh, models: old.models, discoveredAt: old.discoveredAt };
}

function buildProvider(
  config: ProviderConfig,
  preset: Preset | undefined,
  { key, env }: { key: string | undefined; env: Env },
  halves: ReadonlyMap<Dialect, ProviderHalf>,
): Provider {
  const half = halfOf(config, preset, halves);
  if (half === undefined) throw new Error(`provider '${config.name}': no format, or one the router does not speak`);
  const address = whereIs(config, preset, half);
  const nearby = servesNearby(address, preset, half);
  return {
    name: config.name,
    config,
    half,
    quirks: quirksOf(preset ?? presetAt(address, half), half),
    ...address,
    way: half.dialect === "simulated" ? DIRECT : wayTo(address.origin, config, env),
    place: placeOf(address, half),
    timeout: timeoutsOf(config.timeout, nearby),
    nearby,
    headers: headersOf(config, half, key),
    aliases: new Map(config.models === undefined || Array.isArray(config.models) ? [] : Object.entries(config.models)),
    models: new Map(),
    discoveredAt: undefined,
  };
}

function halfOf(
  { format: own, speaks }: ProviderConfig,
  preset: Preset | undefined,
  halves: ReadonlyMap<Dialect, ProviderHalf>,
): ProviderHalf | undefined {
  const format = own ?? preset?.format;
  const spoken = format === "simulated" && speaks !== undefined ? halves.get(speaks) : undefined;
  return spoken ? simulatedSpeaking(spoken) : format && halves.get(format);
}

function whereIs(config: ProviderConfig, preset: Preset | undefined, half: ProviderHalf): Address {
  if (half.dialect === "simulated") return { origin: "simulated://", basePath: "" };
  const baseUrl = config.base_url ?? preset?.base_url;
  if (baseUrl === undefined) throw new Error(`provider '${config.name}': base_url is missing`);
  return addressOf(baseUrl, half.dialect);
}

/** Short, as it is in every record. */
function placeOf({ origin, basePath }: Address, { dialect }: ProviderHalf): string {
  return hash("sha256", JSON.stringify([dialect, origin, basePath]), "hex").slice(0, 8);
}

/** Models of one's own, that may have to be loaded first: wherever a server for such is, and whatever is nearby. */
function servesNearby({ origin }: Address, preset: Preset | undefined, half: ProviderHalf): boolean {
  if (half.dialect === "simulated" || preset?.local !== undefined) return true;
  const { hostname } = new URL(origin);
  return isNearby(hostname) || (half.dialect === "ollama" && !/(?:^|\.)ollama\.com$/.test(hostname));
}

/** The preset a plain base_url amounts to, so that quirks do not depend on how a provider was written down. */
function presetAt(address: Address, half: ProviderHalf): Preset | undefined {
  for (const preset of PRESETS.values()) {
    const isHosted = preset.local === undefined && preset.format === half.dialect;
    if (isHosted && new URL(preset.base_url).origin === address.origin) return preset;
  }
  return undefined;
}

/** The names most servers know are the older ones. */
function quirksOf(preset: Preset | undefined, half: ProviderHalf): Quirks {
  if (half.dialect !== "openai") return preset?.quirks ?? {};
  return { maxTokensField: "max_tokens", developerRole: false, ...preset?.quirks };
}

function keyHeader(dialect: Dialect, key: string): [name: string, value: string] {
  switch (dialect) {
    case "anthropic":
      return ["x-api-key", key];
    case "gemini":
      return ["x-goog-api-key", key];
    default:
      return ["authorization", `Bearer ${key}`];
  }
}

/** The key first, so that a configured header can take its place. Names in lower case: one name, one header. */
function headersOf(config: ProviderConfig, half: ProviderHalf, key: string | undefined): Record<string, string> {
  const headers: Record<string, string> = {};
  if (key !== undefined) setOwn(headers, ...keyHeader(half.dialect, key));
  for (const [name, value] of Object.entries(config.headers)) setOwn(headers, name.toLowerCase(), value);
  return headers;
}
