import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Env } from "../config/check/providers.ts";
import { checkConfig } from "../config/check.ts";
import type { Config } from "../config/config.ts";
import type { Probe } from "../config/detect/servers.ts";
import { configOf, type Detected, detect } from "../config/detect.ts";
import { type DotEnv, readDotEnv } from "../config/dotenv.ts";
import type { Kinds } from "../config/kinds.ts";
import { checkText, type LoadedConfig, parseText, readConfig } from "../config/load.ts";
import { ConfigError, type Problem } from "../config/problem.ts";
import { readCaFiles } from "../config/secrets/ca-files.ts";
import { fetchKeys } from "../config/secrets/fetch-keys.ts";
import type { KeySource } from "../config/secrets/key-source.ts";
import { Foreign } from "./modules/foreign.ts";
import type { Modules } from "./modules/modules.ts";

export const DEFAULT_CONFIG = "config.toml";

/** What the command line says of where to listen. */
export interface Listening {
  readonly host: string | undefined;
  readonly port: number | undefined;
}

/** A config that may be used, and where it came from. */
export interface OpenConfig {
  readonly config: Config;
  readonly warnings: readonly Problem[];
  /** The file, or what warnings call a config that has none. */
  readonly file: string;
  /** Set when there was no file. */
  readonly detected: Detected | undefined;
  /** Its `env` has the keys that were fetched, too. */
  readonly dotEnv: DotEnv;
  /** The `file:` and `exec:` that gave no key. */
  readonly lacking: readonly KeySource[];
  /** What its modules brought. */
  readonly foreign: Foreign;
  /** What stands in the file, where there is one. */
  readonly toml: string | undefined;
}

/** A config that was opened in another process: all that it takes to have the same one here. */
export type ToldConfig = Pick<OpenConfig, "file" | "detected" | "toml"> & { readonly env: Env };

interface OpenContext {
  kinds: Kinds;
  env: Env;
  probe: Probe;
  /** Loads the modules that the file names. Absent: they are not loaded, and their settings not checked. */
  modules?: Modules;
}

/**
 * Opens the named config, else `config.toml` here, else what is found on this machine. A `.env` is read only beside a file
 * that exists: one that lies in some foreign directory has no say.
 */
export async function openConfig(named: string | undefined, context: OpenContext): Promise<OpenConfig> {
  const file = named ?? DEFAULT_CONFIG;
  if (named === undefined && !existsSync(file)) return openDetected(context);
  const dotEnv = readDotEnv(file, context.env);
  const { env, ...opened } = await openFile(file, { ...context, env: dotEnv.env });
  return { ...opened, file, detected: undefined, dotEnv: { ...dotEnv, env } };
}

/**
 * Reads and checks a config file; its modules are loaded and its keys fetched for that. Throws `ConfigError` with everything
 * that is wrong with it. `env` is then the environment with those keys.
 */
export async function openFile(
  file: string,
  { kinds, env: own, modules }: Omit<OpenContext, "probe">,
): Promise<LoadedConfig & Pick<OpenConfig, "foreign" | "lacking" | "toml"> & { env: Env }> {
  const text = readConfig(file);
  const [foreign = Foreign.NONE, fetched] = await Promise.all([
    modules?.load(text, kinds),
    fetchKeys(text.raw, file, own),
  ]);
  const authorities = readCaFiles(text.raw, dirname(resolve(file)));
  const env = { ...fetched.env, ...authorities.texts };
  const found = [...foreign.problems, ...fetched.problems, ...authorities.problems];
  return {
    ...checkText(text, foreign.with(kinds), env, found),
    foreign,
    lacking: fetched.failed,
    env,
    toml: text.toml,
  };
}

/** Once more what was opened: a file stays that file, also while it is gone; what was detected is detected again. */
export function openAgain({ file, detected }: OpenConfig, context: OpenContext): Promise<OpenConfig> {
  return openConfig(detected === undefined ? file : undefined, context);
}

/** Nothing is read but the modules that it names. Throws `ConfigError`. */
export async function openTold(told: ToldConfig, kinds: Kinds, modules: Modules): Promise<OpenConfig> {
  const { file, detected, toml, env } = told;
  if (detected) return checkDetected(detected, { kinds, env });
  const text = parseText(toml ?? "", file);
  const foreign = await modules.load(text, kinds);
  const checked = checkText(text, foreign.with(kinds), env, foreign.problems);
  const dotEnv = { path: undefined, env, added: [] };
  return { ...checked, file, detected, dotEnv, lacking: [], foreign, toml };
}

async function openDetected({ kinds, env, probe }: OpenContext): Promise<OpenConfig> {
  return checkDetected(await detect({ env, presets: kinds.presets, probe }), { kinds, env });
}

function checkDetected(detected: Detected, { kinds, env }: Pick<OpenContext, "kinds" | "env">): OpenConfig {
  const file = "(detected)";
  const { config, problems } = checkConfig(configOf(detected), kinds, env);
  if (config === undefined) throw new ConfigError(file, problems);
  const dotEnv = { path: undefined, env, added: [] };
  return { config, warnings: problems, file, detected, dotEnv, lacking: [], foreign: Foreign.NONE, toml: undefined };
}

/** What the command line says of it wins over the file. */
export function listeningAt(opened: OpenConfig, { host, port }: Listening): OpenConfig {
  const { config } = opened;
  const server = { ...config.server, ...(host !== undefined && { host }), ...(port !== undefined && { port }) };
  return { ...opened, config: { ...config, server } };
}
