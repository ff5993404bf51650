import type { Env } from "../../config/check/providers.ts";
import type { Config } from "../../config/config.ts";
import { isFetched } from "../../config/secrets/key-source.ts";
import { isObject } from "../../core/json.ts";
import type { Fleet } from "../../upstream/provider.ts";

/** Headers whose value is a key, or may be one. */
const CREDENTIAL = /auth|cookie|key|token|secret|password|credential/i;
/** Variables whose value is one, whether the config names them or not: plugins look at some by themselves. */
const KEY_VARIABLE = /(?:KEY|TOKEN|SECRET|PASSWORD)$/i;

/** The keys a router works with, as they are written. */
export function secretsOf(config: Config, env: Env, fleet: Fleet): string[] {
  const keys = Object.keys(env).filter((name) => KEY_VARIABLE.test(name) || isFetched(name));
  const variables = [...variablesIn(config), ...keys];
  const headers = fleet.all().flatMap((provider) => Object.entries(provider.headers));
  return [
    ...variables.flatMap((name) => env[name]?.trim() ?? []),
    ...headers.flatMap(([name, value]) => (CREDENTIAL.test(name) ? value.replace(/^(?:bearer|basic) +/i, "") : [])),
  ];
}

/** What any `api_key_env` and its like name, however deep it stands. */
function variablesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(variablesIn);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    /(?:^|_)keys?_env$/.test(key) ? [inner].flat().filter((name) => typeof name === "string") : variablesIn(inner),
  );
}
