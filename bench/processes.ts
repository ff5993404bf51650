import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ProbeAnswer } from "../soak/rig/probe.ts";
import type { LoadOrder, LoadResult } from "./load.ts";

/** A server under measurement, in a process of its own. */
export interface Server {
  url: string;
  pid: number;
  /** Resolves when it is no longer there. */
  ended: Promise<void>;
  /** Looks inside; only where it was started `probed`. */
  probe(): Promise<ProbeAnswer>;
}

/** Of configs and logs. */
let folder = mkdtempSync(join(tmpdir(), "bench-"));
const children: ChildProcess[] = [];
let routers = 0;
/** Of the whole run. */
const root = folder;

/** Ends the processes that `work` starts and removes what they wrote, however it ends. Not for two at once. */
export async function during<T>(work: () => Promise<T>): Promise<T> {
  const [outer, before] = [folder, children.length];
  folder = mkdtempSync(join(outer, "part-"));
  try {
    return await work();
  } finally {
    for (const child of children.splice(before)) await kill(child);
    rmSync(folder, { recursive: true, force: true });
    folder = outer;
  }
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

export interface StartOptions {
  /** Unless told: the checkout. */
  cwd?: string;
  env?: Record<string, string>;
  /** Options of Node. */
  node?: readonly string[];
  /** Hears what it prints once it listens. */
  heard?: (text: string) => void;
  /** With `soak/rig/probe.ts` in it: heap after a collection, how late its event loop was. */
  probed?: boolean;
}

const PROBE = ["--expose-gc", "--import", join(import.meta.dirname, "../soak/rig/probe.ts")];

/** Runs a script of the repository from a clean environment, until it prints the URL it listens at. */
export function startServer(
  script: string,
  args: readonly string[] = [],
  { cwd = join(import.meta.dirname, ".."), env = {}, node = [], heard, probed = false }: StartOptions = {},
): Promise<Server> {
  const child = spawn(process.execPath, [...(probed ? PROBE : []), ...node, script, ...args], {
    cwd,
    env: { PATH: process.env["PATH"] ?? "", HOME: folder, ...env },
    stdio: probed ? ["ignore", "pipe", "inherit", "ipc"] : ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  return new Promise((resolve, reject) => {
    let text = "";
    child.once("exit", (code) => reject(new Error(`${script} ended with ${code}: ${text}`)));
    const listen = (chunk: Buffer) => {
      text += chunk.toString();
      const url = /(?:listening\s+|^)(http:\/\/127\.0\.0\.1:\d+)/m.exec(text)?.[1];
      if (url === undefined || child.pid === undefined) return;
      child.stdout?.off("data", listen);
      child.stdout?.on("data", (more: Buffer) => heard?.(more.toString()));
      resolve({ url, pid: child.pid, ended, probe: () => probe(child) });
    };
    child.stdout?.on("data", listen);
  });
}

function probe(child: ChildProcess): Promise<ProbeAnswer> {
  return new Promise((resolve, reject) => {
    child.once("message", (answer: ProbeAnswer) => resolve(answer));
    child.send("probe", (error) => error && reject(error));
  });
}

export interface RouterOptions extends StartOptions {
  logging?: boolean;
  dashboard?: boolean;
  /** The classifier of keywords; on unless told. */
  keywords?: boolean;
  /** Further keys of `[server]`. */
  server?: string;
  /** Further keys of `[overload]`. */
  overload?: string;
  /** Further tables. */
  tables?: string;
  /** Further keys of `[logging]`. */
  recorded?: string;
  /** Further keys of the provider. */
  provider?: string;
  /** Keys of `[telemetry]`. */
  telemetry?: string;
}

/** The router in its ordinary settings: routing, a keyword classifier, headers, events; log and dashboard on when asked. */
export function startRouter(upstreamUrl: string, options: RouterOptions = {}): Promise<Server> {
  return startServer("src/cli/main.ts", [writeConfig(upstreamUrl, options)], options);
}

/** The config of such a router, for who starts it otherwise; its path. */
export function writeConfig(upstreamUrl: string, options: RouterOptions = {}): string {
  const { logging = false, dashboard = false, keywords = true, provider = "", telemetry = "" } = options;
  const { recorded = "", server = "", overload = "", tables = "" } = options;
  const name = `router-${routers++}`;
  const file = join(folder, `${name}.toml`);
  const log = join(folder, `${name}.jsonl`);
  writeFileSync(
    file,
    `[server]
port = 0
dashboard = ${dashboard}
${server}
[logging]
enabled = ${logging}
path = ${JSON.stringify(log)}
${recorded}
[telemetry]
${telemetry}
[[providers]]
name = "up"
format = "openai"
base_url = "${upstreamUrl}/v1"
${provider}
[classifiers.keyword]
enabled = ${keywords}
[classifiers.keyword.tags]
private = ["confidential", "secret"]
[overload]
max_delay_ms = 0
${overload}
[[routers]]
type = "tag"
tag = "private"
provider = "up"
[[routers]]
type = "prefix"
model_prefix = "bench"
provider = "up"
rewrite_model = "bench-sent"
${tables}
`,
  );
  return file;
}

/** A process that was started elsewhere is stopped with all others. */
export function adopt(child: ChildProcess): void {
  children.push(child);
}

/** A new folder that goes with what `during` started, or at the end of the run. */
export function folderFor(name: string, until: "part" | "run" = "part"): string {
  return mkdtempSync(join(until === "run" ? root : folder, `${name}-`));
}

export function startLoad(): (order: LoadOrder) => Promise<LoadResult> {
  return startWorker("load.ts");
}

/** A process of its own that takes one order after the other. */
export function startWorker<O extends object, R>(script: string): (order: O) => Promise<R> {
  const child = fork(join(import.meta.dirname, script), { serialization: "advanced" });
  children.push(child);
  return (order) =>
    new Promise((resolve) => {
      child.once("message", (result: R) => resolve(result));
      child.send(order);
    });
}

/** User and system time of a process and all its threads, in µs (Linux: 100 ticks a second). */
export function cpuMicros(pid: number): number {
  return ticksIn(`/proc/${pid}/stat`);
}

/** Of its first thread alone: the one that answers requests. */
export function mainThreadMicros(pid: number): number {
  return ticksIn(`/proc/${pid}/task/${pid}/stat`);
}

function ticksIn(file: string): number {
  const fields = readFileSync(file, "latin1").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

/** Resident memory in MB. */
export function rssMb(pid: number): number {
  const pages = Number(readFileSync(`/proc/${pid}/statm`, "latin1").split(" ")[1]);
  return (pages * 4096) / 1024 / 1024;
}

/** Of a process and those it started: the router with several workers. */
export function familyOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").trim();
  return [pid, ...children.split(" ").filter(Boolean).map(Number)];
}

export function stop({ pid }: Server): void {
  process.kill(pid, "SIGKILL");
}

export function stopAll(): void {
  for (const child of children) child.kill("SIGKILL");
  // One that is being killed may still be writing.
  rmSync(root, { recursive: true, force: true, maxRetries: 5 });
}
