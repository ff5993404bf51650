import { existsSync } from "node:fs";
import { readDotEnv } from "../config/dotenv.ts";
import { formatProblem } from "../config/problem.ts";
import { systemClock } from "../core/clock.ts";
import { type Io, Refusal } from "./io.ts";
import { KINDS } from "./kinds.ts";
import { Modules } from "./modules/modules.ts";
import { DEFAULT_CONFIG, openFile } from "./open-config.ts";

/** `check [CONFIG]`: says everything that is wrong with a config, its modules included, and starts nothing. */
export async function check(named: string | undefined, io: Io): Promise<number> {
  const file = named ?? DEFAULT_CONFIG;
  if (!existsSync(file)) {
    throw new Refusal(2, `there is no ${file} to check; "opensourcellmrouter init" writes one`);
  }
  const { config, warnings } = await openFile(file, {
    kinds: KINDS,
    env: readDotEnv(file, io.env).env,
    modules: new Modules({ clock: systemClock }),
  });
  for (const problem of warnings) io.err(formatProblem(file, problem));
  const parts = [counted(config.providers.length, "provider"), counted(config.routers.length, "rule")];
  if (warnings.length > 0) parts.push(counted(warnings.length, "warning"));
  io.out(`${file}: no errors (${parts.join(", ")})`);
  return 0;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
