import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { readDotEnv } from "../../config/dotenv.ts";
import { ConfigError } from "../../config/problem.ts";
import { clientUrl } from "../address.ts";
import type { Io } from "../io.ts";
import { KINDS } from "../kinds.ts";
import { openFile } from "../open-config.ts";
import type { Host } from "./host.ts";
import type { Manager } from "./manager.ts";

/** As `systemctl status` has them. */
const RUNNING = 0;
const NOT_RUNNING = 3;
const NOT_INSTALLED = 4;

const ANSWER_MS = 1_000;

/** `service status`: what there is, and whether it works. Resolves to an exit code of `systemctl status`. */
export async function status(file: string | undefined, io: Io, host: Host, manager: Manager): Promise<number> {
  const tell = (title: string, text: string) => io.out(`  ${title.padEnd(9)}  ${text}`);
  io.out(`opensourcellmrouter as a service (${manager.title})`);
  if (!existsSync(manager.file)) {
    tell("installed", `no: there is no ${manager.file}`);
    return NOT_INSTALLED;
  }
  const text = readFileSync(manager.file, "utf8");
  const isOurs = manager.isOurs(text);
  tell("installed", `${manager.file}${isOurs ? "" : " (not written by this program)"}`);
  const { isEnabled, isRunning, detail } = await manager.state();
  tell("enabled", isEnabled ? "yes" : "no: it is not started by itself");
  tell("running", detail);
  const command = isOurs ? (manager.commandOf(text) ?? []) : [];
  for (const path of command.filter((word) => word.startsWith("/") && !existsSync(word))) {
    tell("missing", `${path}: run "service install" again`);
  }
  const config = file === undefined ? command.at(-1) : resolve(file);
  if (config !== undefined) {
    tell("config", config);
    tell("address", await addressText(config, host));
  }
  for (const [title, hint] of await manager.hints()) tell(title, hint);
  return isRunning ? RUNNING : NOT_RUNNING;
}

async function addressText(file: string, host: Host): Promise<string> {
  try {
    const { config } = await openFile(file, { kinds: KINDS, env: readDotEnv(file, {}).env });
    const { host: name, port } = config.server;
    const base = clientUrl(`http://${name.includes(":") ? `[${name}]` : name}:${port}`);
    return `${base} ${(await host.answers(base, ANSWER_MS)) ? "answers" : "does not answer"}`;
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause;
    return `not known: the config has errors ("opensourcellmrouter check ${file}" tells them)`;
  }
}
