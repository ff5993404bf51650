import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { KINDS } from "../../src/cli/kinds.ts";
import { Modules } from "../../src/cli/modules/modules.ts";
import { openFile } from "../../src/cli/open-config.ts";
import { ConfigError } from "../../src/config/problem.ts";
import { systemClock } from "../../src/core/clock.ts";
import { type Cleanup, type InProcessRouter, inProcess, scratch } from "./in-process.ts";

/** A provider, simulated, and a rule that sends everything to it. */
export const SIMULATED = `[[providers]]\nname = "sim"\nformat = "simulated"\n\n[[routers]]\ntype = "fallback"\n`;

/** A scratch folder with these files. */
export async function folderOf(test: Cleanup, files: Record<string, string>): Promise<string> {
  const folder = await scratch(test);
  for (const [name, text] of Object.entries(files)) write(folder, name, text);
  return folder;
}

export function write(folder: string, name: string, text: string): void {
  const file = join(folder, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** Opens the folder's `config.toml` as the program does. */
export function open(folder: string, modules = new Modules({ clock: systemClock })) {
  return openFile(join(folder, "config.toml"), { kinds: KINDS, env: {}, modules });
}

/** What is wrong with it, one line for each problem, as the program says it, without the folder's name. */
export async function problemsIn(folder: string, modules?: Modules): Promise<string[]> {
  try {
    const { warnings } = await open(folder, modules);
    return warnings.map(({ message }) => `warning: ${message}`);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message.split("\n").map((line) => line.replaceAll(`${folder}/`, ""));
  }
}

/** A router in this process with the modules that `toml` names, among these files. */
export async function routerWith(
  test: Cleanup,
  toml: string,
  files: Record<string, string>,
): Promise<InProcessRouter & { folder: string }> {
  const folder = await folderOf(test, { "config.toml": toml, ...files });
  const { foreign } = await open(folder);
  return { ...(await inProcess(test, toml, { foreign })), folder };
}
