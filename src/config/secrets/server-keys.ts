import type { Config } from "../config.ts";
import type { Path } from "../positions.ts";
import { type KeySource, sourceOf } from "./key-source.ts";

/** A key of the router's own: what it is called, and where it is. */
export interface NamedSource {
  readonly name: string;
  /** Undefined: the config does not say, which the checker refuses. */
  readonly source: KeySource | undefined;
  /** Where the config names it. */
  readonly path: Path;
}

type KeySettings = Pick<Config["server"], "api_key_env" | "api_keys_env" | "keys" | "admin_key_env" | "admin_key_from">;

/** What the key of `api_key_env` is called. */
const ONLY = "default";

/** The keys that clients may present, in the order of the config. */
export function clientKeys({ api_key_env: only, api_keys_env: list, keys }: KeySettings): NamedSource[] {
  return [
    ...(only === undefined ? [] : [{ name: ONLY, source: only, path: ["server", "api_key_env"] }]),
    ...list.map((variable, index) => ({ name: variable, source: variable, path: ["server", "api_keys_env", index] })),
    ...keys.map(({ name, key_env, key_from }, index) => ({
      name,
      source: sourceOf(key_env, key_from),
      path: ["server", "keys", index],
    })),
  ];
}

/** The key for /router, /dashboard and /metrics; undefined: clients' keys open them. */
export function adminKey({ admin_key_env: variable, admin_key_from: from }: KeySettings): NamedSource | undefined {
  const source = sourceOf(variable, from);
  const path = ["server", from === undefined ? "admin_key_env" : "admin_key_from"];
  return source === undefined ? undefined : { name: "admin", source, path };
}
