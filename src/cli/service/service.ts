import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { readDotEnv } from "../../config/dotenv.ts";
import { formatProblem } from "../../config/problem.ts";
import { check } from "../check.ts";
import { type Io, Refusal } from "../io.ts";
import { KINDS } from "../kinds.ts";
import { DEFAULT_CONFIG, openFile } from "../open-config.ts";
import { type Host, thisHost } from "./host.ts";
import { unseenKeys } from "./keys.ts";
import type { Manager, Step } from "./manager.ts";
import { managerOf } from "./managers.ts";
import { type ServiceSpec, serviceSpec } from "./spec.ts";
import { status } from "./status.ts";

export interface ServiceCall {
  readonly action: string;
  readonly file: string | undefined;
  readonly isMachine: boolean;
  readonly isPrinted: boolean;
  readonly runAs: string | undefined;
}

/** A router that has just been started says so within this time, discovery included. */
const START_MS = 15_000;

/** `service ACTION [CONFIG]`. */
export async function service(call: ServiceCall, io: Io, host: Host = thisHost(io.env)): Promise<number> {
  if (call.runAs !== undefined && !call.isMachine) throw new Refusal(2, "--run-as goes with --system only");
  if (call.isPrinted && call.action !== "install") throw new Refusal(2, '--print goes with "service install" only');
  const manager = managerOf(host, call.isMachine);
  switch (call.action) {
    case "install":
      return call.isPrinted ? print(call, io, host, manager) : install(call, io, host, manager);
    case "uninstall":
      return uninstall(io, host, manager);
    default:
      return status(call.file, io, host, manager);
  }
}

/** Warnings go beside it, so that the output is the file. */
async function print(call: ServiceCall, io: Io, host: Host, manager: Manager): Promise<number> {
  const spec = await prepare(call, { ...io, out: io.err }, host);
  io.out(manager.text(spec).trimEnd());
  return 0;
}

async function install(call: ServiceCall, io: Io, host: Host, manager: Manager): Promise<number> {
  await manager.check();
  const before = ownText(manager);
  const spec = await prepare(call, io, host);
  const text = manager.text(spec);
  await makeFolders(spec, io, host);
  if (text === before) tell(io, "unchanged", manager.file);
  else write(manager.file, text, before, io);
  for (const step of manager.install(text !== before)) await take(step, io, host);
  const answers = await host.answers(spec.base, START_MS);
  const state = await manager.state();
  tell(io, "running", state.detail);
  tell(io, "address", answers ? `${spec.base} answers` : `${spec.base} does not answer yet`);
  for (const [title, hint] of await manager.hints()) tell(io, title, hint);
  if (answers && state.isRunning) return 0;
  io.err("It was installed, but does not run as it should: its log (above) says why.");
  return 1;
}

async function uninstall(io: Io, host: Host, manager: Manager): Promise<number> {
  const before = ownText(manager);
  if (before === undefined) {
    io.out(`It is not installed: there is no ${manager.file}`);
    return 0;
  }
  await manager.check();
  const steps = manager.uninstall();
  for (const step of steps.before) await take(step, io, host);
  rmSync(manager.file);
  tell(io, "removed", manager.file);
  for (const step of steps.after) await take(step, io, host);
  const config = manager.commandOf(before)?.at(-1);
  tell(io, "kept", `${config ?? "the config"}, and the logs it names`);
  return 0;
}

/** Everything that can be found wrong before anything is changed. */
async function prepare(call: ServiceCall, io: Io, host: Host): Promise<ServiceSpec> {
  const file = resolve(call.file ?? DEFAULT_CONFIG);
  const runAs = call.isMachine ? await runAsOf(call, file, host) : undefined;
  // As the service will see it: nothing of this shell.
  const dotEnv = readDotEnv(file, {});
  if (runAs === undefined) await check(file, { ...io, env: {} });
  const { config, warnings } = await openFile(file, { kinds: KINDS, env: dotEnv.env });
  if (runAs !== undefined) {
    // Modules are code of whoever may write the config: root does not run it.
    for (const problem of warnings) io.err(formatProblem(file, problem));
    io.out(`${file}: no errors (modules were not looked at: "opensourcellmrouter check" does so as ${runAs})`);
  }
  const dotEnvPath = join(dirname(file), ".env");
  for (const name of unseenKeys(config, dotEnv, dotEnvPath, io.env)) {
    io.err(`warning: ${name} is set in this shell only: the service will not see it. Write it into ${dotEnvPath}`);
  }
  return serviceSpec(file, config, host, runAs);
}

async function runAsOf({ runAs }: ServiceCall, file: string, host: Host): Promise<string> {
  if (runAs !== undefined) return runAs;
  const user = host.env["SUDO_USER"]?.trim() || (await host.ownerOf(file));
  if (user !== undefined && user !== "root") return user;
  throw new Refusal(
    2,
    `${file} belongs to ${user ?? "nobody"}: say whom the router is to run as with --run-as USER, who must be able to read it`,
  );
}

/** What stands in the service's file; undefined: it is not there. Throws `Refusal` when it is somebody else's. */
function ownText({ file, isOurs }: Manager): string | undefined {
  if (!existsSync(file)) return undefined;
  const text = readFileSync(file, "utf8");
  if (isOurs(text)) return text;
  throw new Refusal(1, `${file} was not written by this program, and is left as it is: remove or rename it yourself`);
}

/** The sandbox lets the router write into them, not make them. */
async function makeFolders({ writable, runAs }: ServiceSpec, io: Io, host: Host): Promise<void> {
  for (const folder of writable) {
    if (existsSync(folder)) continue;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    tell(io, "made", folder);
    if (runAs !== undefined) await take({ command: "chown", args: [runAs, folder] }, io, host);
  }
}

function write(file: string, text: string, before: string | undefined, io: Io): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text, { mode: 0o644 });
  tell(io, before === undefined ? "wrote" : "changed", file);
  if (before === undefined) return;
  const [old, now] = [before.split("\n"), text.split("\n")];
  for (const line of old) if (!now.includes(line)) tell(io, "", `- ${line}`);
  for (const line of now) if (!old.includes(line)) tell(io, "", `+ ${line}`);
}

async function take({ command, args, mayFail }: Step, io: Io, host: Host): Promise<void> {
  const { code, out } = await host.run(command, args);
  const shown = [command, ...args].join(" ");
  if (code === 0) tell(io, "ran", shown);
  else if (!mayFail) throw new Refusal(1, `${shown} failed (exit code ${code}): ${out}`);
}

function tell(io: Io, title: string, text: string): void {
  io.out(`  ${title.padEnd(9)}  ${text}`);
}
