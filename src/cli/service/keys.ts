import type { Env } from "../../config/check/providers.ts";
import { keySource } from "../../config/check/providers.ts";
import type { Config } from "../../config/config.ts";
import type { DotEnv } from "../../config/dotenv.ts";
import { shownSource } from "../../config/secrets/key-source.ts";
import { adminKey, clientKeys } from "../../config/secrets/server-keys.ts";
import { isObject } from "../../core/json.ts";
import { Refusal } from "../io.ts";
import { KINDS } from "../kinds.ts";

/**
 * What a config needs of the environment, of which a service has only what is in the `.env` beside it. Returns the names of
 * variables that are set in `shell` alone; throws `Refusal` when it would not even start without them.
 */
export function unseenKeys(config: Config, { env, path }: DotEnv, dotEnvPath: string, shell: Env): string[] {
  const isSeen = (name: string) => Boolean(env[name]?.trim());
  const named = [...new Set([...variablesIn(config), ...providerVariables(config).flatMap((name) => name ?? [])])];
  const unseen = named.filter((name) => shell[name]?.trim() && !isSeen(name));
  const admin = adminKey(config.server);
  const own = [...clientKeys(config.server), ...(admin ? [admin] : [])]
    .flatMap(({ source = "" }) => (isSeen(source) ? [] : [shownSource(source)]))
    .join(", ");
  const isKeyless = providerVariables(config).every((name) => name !== undefined && !isSeen(name));
  const keyless = isKeyless ? providerVariables(config).join(", ") : undefined;
  const lacking = own === "" ? keyless : own;
  if (lacking === undefined) return unseen;
  const where = path === undefined ? `there is no ${dotEnvPath}` : `${path} does not set it`;
  const inShell = unseen.length > 0 ? ` ${unseen.join(", ")}: set in this shell, which a service does not see.` : "";
  throw new Refusal(
    2,
    `the service would not start: it needs ${lacking}, and ${where}.${inShell}\n` +
      `Write it there (${lacking.split(",")[0]}=…, mode 0600), and run this again.`,
  );
}

/** Of each provider; undefined: it needs none. */
function providerVariables({ providers }: Config): (string | undefined)[] {
  return providers.map((provider) => keySource(provider, KINDS.presets));
}

/** Whatever is named by a key that ends in `_env`: of providers, classifiers, plugins. */
function variablesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(variablesIn);
  if (!isObject(value) && !isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key.endsWith("_env") ? [inner].flat().filter((name) => typeof name === "string") : variablesIn(inner),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
