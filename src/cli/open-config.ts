import { existsSync } from "node:fs";
import type { Env } from "../config/check/providers.ts";
import { checkConfig } from "../config/check.ts";
import type { Config } from "../config/config.ts";
import type { Probe } from "../config/detect/servers.ts";
import { configOf, type Detected, detect } from "../config/detect.ts";
import { type DotEnv, readDotEnv } from "../config/dotenv.ts";
import type { Kinds } from "../config/kinds.ts";
import { loadConfig } from "../config/load.ts";
import { ConfigError, type Problem } from "../config/problem.ts";

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
  readonly dotEnv: DotEnv;
}

/**
 * Opens the named config, else `config.toml` here, else what is found on this machine. A `.env` is read only beside a file
 * that exists: one that lies in some foreign directory has no say.
 */
export async function openConfig(
  named: string | undefined,
  context: { kinds: Kinds; env: Env; probe: Probe },
): Promise<OpenConfig> {
  const file = named ?? DEFAULT_CONFIG;
  if (named === undefined && !existsSync(file)) return openDetected(context);
  const dotEnv = readDotEnv(file, context.env);
  return { ...loadConfig(file, context.kinds, dotEnv.env), file, detected: undefined, dotEnv };
}

/** Once more what was opened: a file stays that file, also while it is gone; what was detected is detected again. */
export function openAgain(
  { file, detected }: OpenConfig,
  context: { kinds: Kinds; env: Env; probe: Probe },
): Promise<OpenConfig> {
  return openConfig(detected === undefined ? file : undefined, context);
}

async function openDetected({ kinds, env, probe }: { kinds: Kinds; env: Env; probe: Probe }): Promise<OpenConfig> {
  const detected = await detect({ env, presets: kinds.presets, probe });
  const file = "(detected)";
  const { config, problems } = checkConfig(configOf(detected), kinds, env);
  if (config === undefined) throw new ConfigError(file, problems);
  return { config, warnings: problems, file, detected, dotEnv: { path: undefined, env, added: [] } };
}

/** What the command line says of it wins over the file. */
export function listeningAt(opened: OpenConfig, { host, port }: Listening): OpenConfig {
  const { config } = opened;
  const server = { ...config.server, ...(host !== undefined && { host }), ...(port !== undefined && { port }) };
  return { ...opened, config: { ...config, server } };
}
