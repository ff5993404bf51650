import type { Env } from "../config/check/providers.ts";
import type { Config } from "../config/config.ts";
import { isFetched, shownSource } from "../config/secrets/key-source.ts";
import { adminKey, clientKeys, type NamedSource } from "../config/secrets/server-keys.ts";
import type { ServerKeys } from "../server/auth.ts";
import { Refusal } from "./io.ts";

/** The router's own keys. Throws `Refusal`: a key that was asked for but is not there must not leave the router open. */
export function readServerKeys({ server }: Config, env: Env): ServerKeys {
  const admin = adminKey(server);
  return {
    clients: clientKeys(server).map((named) => ({ name: named.name, key: read(named, env) })),
    admin: admin && read(admin, env),
  };
}

function read(named: NamedSource, env: Env): string {
  const { source, path } = named;
  const key = source === undefined ? undefined : env[source]?.trim();
  if (key) return key;
  const [, setting = "", index] = path;
  const where = setting === "keys" ? `[[server.keys]] ${JSON.stringify(named.name)}` : `[server] ${setting}`;
  const takeOut = index === undefined ? `take ${setting} out` : `take it out of ${setting}`;
  if (source === undefined || isFetched(source)) {
    const gave = source === undefined ? "names no place for its key" : `: ${shownSource(source)} gave no key`;
    throw new Refusal(2, `${where}${gave}: refusing to start without the key.\nMend it, or ${takeOut}.`);
  }
  throw new Refusal(
    2,
    `${where} names ${source}, but that environment variable is not set: refusing to start without the key.\n` +
      `Set ${source} (a .env file beside the config will do), or ${takeOut}.`,
  );
}
