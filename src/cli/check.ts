import { existsSync } from "node:fs";
import { readDotEnv } from "../config/dotenv.ts";
import { loadConfig } from "../config/load.ts";
import { formatProblem } from "../config/problem.ts";
import { type Io, Refusal } from "./io.ts";
import { KINDS } from "./kinds.ts";
import { DEFAULT_CONFIG } from "./open-config.ts";

/** `check [CONFIG]`: says everything that is wrong with a config, and starts nothing. */
export function check(named: string | undefined, io: Io): number {
  const file = named ?? DEFAULT_CONFIG;
  if (!existsSync(file)) {
    throw new Refusal(2, `there is no ${file} to check; "opensourcellmrouter init" writes one`);
  }
  const { config, warnings } = loadConfig(file, KINDS, readDotEnv(file, io.env).env);
  for (const problem of warnings) io.err(formatProblem(file, problem));
  const parts = [counted(config.providers.length, "provider"), counted(config.routers.length, "rule")];
  if (warnings.length > 0) parts.push(counted(warnings.length, "warning"));
  io.out(`${file}: no errors (${parts.join(", ")})`);
  return 0;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
