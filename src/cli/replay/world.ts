import type { Env } from "../../config/check/providers.ts";
import type { Config, ProviderConfig } from "../../config/config.ts";
import { readDotEnv } from "../../config/dotenv.ts";
import { systemClock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import { terminalLine } from "../../core/terminal-text.ts";
import { Pricing } from "../../cost/pricing.ts";
import { Redecider } from "../../replay/redecide/redecide.ts";
import type { ReplayParts } from "../../replay/replay.ts";
import { buildFleet } from "../../upstream/build-fleet.ts";
import { PRESETS } from "../../upstream/catalogue.ts";
import { PROVIDER_HALVES } from "../../wire/registry.ts";
import type { Io } from "../io.ts";
import { KINDS } from "../kinds.ts";
import { Modules } from "../modules/modules.ts";
import { openFile } from "../open-config.ts";
import { buildRules } from "../parts.ts";

/** What decides and what costs, by one config. */
export interface World extends ReplayParts {
  config: Config;
}

/** The world of a config file. Its keys are taken to be there: it is about the config, and nothing is sent. Warnings are what `check` is for. */
export async function worldOf(file: string, io: Io): Promise<World> {
  const { env } = readDotEnv(file, io.env);
  const modules = new Modules({ clock: systemClock });
  const { config, foreign } = await openFile(file, { kinds: KINDS, env, modules });
  const log: Log = (level, message) => {
    if (level !== "debug") io.err(terminalLine(`${level}: ${message}`));
  };
  const { fleet } = buildFleet(config.providers, withKeys(config.providers, env), PROVIDER_HALVES);
  const rules = buildRules(config, foreign, { log, env });
  const pricing = new Pricing(log);
  await pricing.load(fleet.all());
  return { config, fleet, pricing, redecider: new Redecider({ config, rules, fleet, pricing }) };
}

/** Stands for keys that are not there. Nobody is sent it. */
const NO_KEY = "key-that-is-not-there";

function withKeys(providers: readonly ProviderConfig[], env: Env): Env {
  const variables = providers.map(({ api_key_env, preset }) => {
    return api_key_env ?? (preset === undefined ? undefined : PRESETS.get(preset)?.api_key_env);
  });
  const missing = variables.filter((variable) => variable !== undefined && !env[variable]?.trim());
  return { ...env, ...Object.fromEntries(missing.map((variable) => [variable, NO_KEY])) };
}
