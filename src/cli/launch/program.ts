import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Env } from "../../config/check/providers.ts";
import { Refusal } from "../io.ts";
import type { Agent } from "./agent.ts";

/** Where the agent's program is. Throws `Refusal` with how to install it. */
export function programOf({ title, command, npm }: Agent, env: Env): string {
  const folders = (env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const found = folders.map((folder) => join(folder, command)).find(isProgram);
  if (found !== undefined) return found;
  throw new Refusal(
    1,
    `${title} is not installed: there is no ${command} on the PATH. To install it: npm install -g ${npm}`,
  );
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
