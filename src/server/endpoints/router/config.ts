import { type ConfigSummary, configSummarySchema } from "../../../api/routing.ts";
import { keySource } from "../../../config/check/providers.ts";
import type { Config, StageConfig } from "../../../config/config.ts";
import { shownSource } from "../../../config/secrets/key-source.ts";
import { adminKey, clientKeys } from "../../../config/secrets/server-keys.ts";
import { setOwn } from "../../../core/json.ts";
import type { Chain } from "../../../routing/chain.ts";
import { PRESETS } from "../../../upstream/catalogue.ts";
import type { Fleet } from "../../../upstream/provider.ts";
import { type RouterRoute, sendShape } from "./describe.ts";
import type { RouterRouteParts } from "./parts.ts";

export function configRoute(parts: RouterRouteParts): RouterRoute {
  return {
    method: "GET",
    path: "/router/config",
    summary: "The config that answers, without secrets.",
    answer: configSummarySchema,
    endpoint: ({ res }) => sendShape(res, configSummarySchema, summaryOf(parts)),
  };
}

/** What of a config is no secret. */
export function summaryOf(
  parts: Pick<RouterRouteParts, "config" | "configVersion" | "reloads" | "about" | "fleet" | "chain">,
): ConfigSummary {
  const { config, configVersion, reloads, about, fleet, chain } = parts;
  return {
    version: configVersion,
    file: about.file,
    server: serverOf(config.server),
    logging: { ...plain(config.logging), path: config.logging.path, content: config.logging.content },
    failover: { ...plain(config.failover), scope: config.failover.scope },
    providers: fleet.all().map(({ name }) => name),
    skipped: skippedOf(config, fleet),
    rules: rulesOf(config, chain),
    classifiers: stagesOf(config.classifiers),
    response_classifiers: stagesOf(config.response_classifiers),
    plugins: stagesOf(config.plugins),
    reloads: [...(reloads?.past ?? [])],
  };
}

/** Of keys the names, and of what is fetched from elsewhere the kind of place. */
function serverOf(server: Config["server"]): ConfigSummary["server"] {
  const { host, api_key_env, allowed_hosts, cors_origins, api_keys_env: _, keys: __, ...others } = server;
  const keys = clientKeys(server).map(({ name, source = "" }) => ({ name, variable: shownSource(source) }));
  const admin = adminKey(server)?.source;
  return {
    ...plain(others),
    host,
    api_key_env: api_key_env ?? null,
    keys,
    admin_key: admin === undefined ? null : shownSource(admin),
    allowed_hosts,
    cors_origins,
  };
}

function skippedOf({ providers }: Config, fleet: Fleet): ConfigSummary["skipped"] {
  return providers
    .filter(({ name }) => fleet.skipped.has(name))
    .map((config) => ({ provider: config.name, variable: shownSource(keySource(config, PRESETS) ?? "") }));
}

/** Built-in rules hold names of providers, models and tags, and numbers: their schemas take nothing else. Others may hold secrets. */
function rulesOf({ routers }: Config, { rules }: Chain): ConfigSummary["rules"] {
  const foreign = new Set(routers.filter(({ module }) => module !== undefined).map(({ type }) => type));
  return routers.map(({ type, module, ...own }, rule) => {
    const settings = foreign.has(type) ? { ...(module !== undefined && { module }), ...plain(own) } : own;
    return { rule, label: rules[rule]?.label ?? type, type, settings };
  });
}

function stagesOf(stages: Readonly<Record<string, StageConfig>>): ConfigSummary["classifiers"] {
  return Object.entries(stages).map(([name, { enabled, module, ...settings }]) => ({
    name,
    enabled,
    settings: { ...(module !== undefined && { module }), ...plain(settings) },
  }));
}

/** What cannot be a secret: numbers, switches, the names of keys, and how long lists are. Texts are left out. */
function plain(settings: object): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(settings)) {
    if (typeof value === "number" || typeof value === "boolean") setOwn(shown, key, value);
    else if (Array.isArray(value)) setOwn(shown, key, { entries: value.length });
    else if (typeof value === "object" && value !== null) setOwn(shown, key, plain(value));
  }
  return shown;
}
