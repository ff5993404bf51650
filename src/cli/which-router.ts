import { existsSync, readFileSync } from "node:fs";
import { parse } from "smol-toml";
import type { z } from "zod";
import { readDotEnv } from "../config/dotenv.ts";
import { fetchKey } from "../config/secrets/fetch-keys.ts";
import { isFetched } from "../config/secrets/key-source.ts";
import { adminKey, clientKeys } from "../config/secrets/server-keys.ts";
import { serverSchema } from "../config/server.ts";
import { isObject, type JsonObject } from "../core/json.ts";
import { RemoteRouter } from "../remote/remote-router.ts";
import { clientUrl } from "./address.ts";
import { type Io, Refusal } from "./io.ts";
import { DEFAULT_CONFIG } from "./open-config.ts";

/** Of a router that is to be talked to. */
export interface WhichRouter {
  /** Without a slash at its end: `http://localhost:8090`. */
  readonly base: string;
  readonly key: string | undefined;
  /** Named on the command line, read from `config.toml` here, or where routers listen unless told otherwise. */
  readonly from: "named" | "config" | "default";
}

/** Where commands look for the key of a router they talk to. */
export const KEY_VARIABLE = "OPENSOURCELLMROUTER_API_KEY";

/** Who asks: a client, or the owner, who has a key of his own where there is an admin key. */
type Whose = "client" | "owner";

/**
 * The router meant: the one named, else that of the `config.toml` here, else `http://localhost:8090`. The config's own keys are
 * for the config's own router only. Rejects with `Refusal` for what is no address, and a key that is not there.
 */
export async function whichRouter(
  named: string | undefined,
  keyVariable: string | undefined,
  io: Io,
  whose: Whose = "client",
): Promise<WhichRouter> {
  const local = localRouter();
  const base = named === undefined ? (local?.base ?? DEFAULT_BASE) : baseOf(named);
  const from = named !== undefined ? "named" : local ? "config" : "default";
  if (keyVariable !== undefined) {
    const key = io.env[keyVariable]?.trim();
    if (!key) throw new Refusal(2, `--key-env names ${keyVariable}, but that environment variable is not set`);
    return { base, key, from };
  }
  const own = local?.base === base ? local.server : undefined;
  const key = io.env[KEY_VARIABLE]?.trim() || (own && (await keyIn(own, whose, io)));
  return { base, key, from };
}

/** That router, to be asked what is the owner's. */
export async function ownRouter(
  named: string | undefined,
  keyVariable: string | undefined,
  io: Io,
): Promise<RemoteRouter> {
  const { base, key } = await whichRouter(named, keyVariable, io, "owner");
  return new RemoteRouter(base, key);
}

const DEFAULT_BASE = "http://localhost:8090";

/** `localhost:9000`, `http://localhost:9000/` → `http://localhost:9000`. */
function baseOf(named: string): string {
  const isOther = /^(?!https?:)[a-z]+:\/\//i.test(named);
  const url = isOther ? null : URL.parse(/^https?:\/\//i.test(named) ? named : `http://${named}`);
  if (url === null || url.hostname === "" || url.search !== "" || url.username !== "") {
    throw new Refusal(
      2,
      `${JSON.stringify(named)} is not the address of a router: http://localhost:8090, or localhost:8090`,
    );
  }
  return clientUrl(url.href) + url.pathname.replace(/\/+$/, "");
}

const ADDRESS = { host: true, port: true, api_key_env: true } as const;
/** Whatever else stands there. */
const addressSchema = serverSchema
  .pick({ ...ADDRESS, api_keys_env: true, keys: true, admin_key_env: true, admin_key_from: true })
  .strip();
type Server = z.output<typeof addressSchema>;

/** What the config here says, however much else of it may be wrong: the router that runs may have an older one. */
function localRouter(): { base: string; server: Server } | undefined {
  const config = configHere();
  const read = isObject(config) && isOurs(config) ? addressSchema.safeParse(config["server"] ?? {}) : undefined;
  if (!read?.success) return undefined;
  const { host, port } = read.data;
  return { base: clientUrl(`http://${host.includes(":") ? `[${host}]` : host}:${port}`), server: read.data };
}

/** The first of its keys that is there. */
async function keyIn(server: Server, whose: Whose, io: Io): Promise<string | undefined> {
  const { env } = readDotEnv(DEFAULT_CONFIG, io.env);
  const admin = whose === "owner" ? adminKey(server) : undefined;
  for (const { source = "" } of admin ? [admin] : clientKeys(server)) {
    const key = isFetched(source) ? (await fetchKey(source, DEFAULT_CONFIG, env)).key : env[source]?.trim();
    if (key) return key;
  }
  return undefined;
}

/** Whether the `config.toml` here is meant for a router, be it well or badly written. */
export function hasConfigHere(): boolean {
  const config = configHere();
  return config === "broken" || (config !== undefined && isOurs(config));
}

/** `broken`: it is no TOML; `check` tells what is wrong with it. */
function configHere(): JsonObject | "broken" | undefined {
  if (!existsSync(DEFAULT_CONFIG)) return undefined;
  try {
    const config: unknown = parse(readFileSync(DEFAULT_CONFIG, "utf8"));
    return isObject(config) ? config : "broken";
  } catch {
    return "broken";
  }
}

/** Other programs have a `config.toml`, too, and even a `server` in it. */
function isOurs(config: JsonObject): boolean {
  const server = config["server"];
  const isAddress = isObject(server) && Object.keys(ADDRESS).some((name) => Object.hasOwn(server, name));
  return isAddress || ["providers", "routers"].some((name) => Array.isArray(config[name]));
}
