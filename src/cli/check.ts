import { existsSync } from "node:fs";
import { readDotEnv } from "../config/dotenv.ts";
import { formatProblem } from "../config/problem.ts";
import { systemClock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import { type Io, Refusal } from "./io.ts";
import { KINDS } from "./kinds.ts";
import { Modules } from "./modules/modules.ts";
import { DEFAULT_CONFIG, openFile } from "./open-config.ts";
import { buildRules } from "./parts.ts";
import { StageSet } from "./stage-set.ts";

/** `check [CONFIG]`: says everything that is wrong with a config, its modules included, and serves nothing. */
export async function check(named: string | undefined, io: Io): Promise<number> {
  const file = named ?? DEFAULT_CONFIG;
  if (!existsSync(file)) {
    throw new Refusal(2, `there is no ${file} to check; "opensourcellmrouter init" writes one`);
  }
  const { env, config, warnings, foreign } = await openFile(file, {
    kinds: KINDS,
    env: readDotEnv(file, io.env).env,
    modules: new Modules({ clock: systemClock }),
  });
  for (const problem of warnings) io.err(formatProblem(file, problem));
  // Built as they are when the router starts, and let go: some faults show only then.
  const log: Log = (level, message) => io.err(`${level}: ${message}`);
  buildRules(config, foreign, { log, env });
  await new StageSet(config, { random: Math.random, log, env, foreign }, undefined).close(undefined);
  const parts = [counted(config.providers.length, "provider"), counted(config.routers.length, "rule")];
  if (warnings.length > 0) parts.push(counted(warnings.length, "warning"));
  io.out(`${file}: no errors (${parts.join(", ")})`);
  return 0;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
