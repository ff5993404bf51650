import { type ChildProcess, fork, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LoadOrder, LoadResult } from "./load.ts";

/** A server under measurement, in a process of its own. */
export interface Server {
  url: string;
  pid: number;
  /** Resolves when it is no longer there. */
  ended: Promise<void>;
}

const folder = mkdtempSync(join(tmpdir(), "bench-"));
const children: ChildProcess[] = [];

export interface StartOptions {
  env?: Record<string, string>;
  /** Options of Node. */
  node?: readonly string[];
  /** Hears what it prints once it listens. */
  heard?: (text: string) => void;
}

/** Runs a script of the repository from a clean environment, until it prints the URL it listens at. */
export function startServer(
  script: string,
  args: readonly string[] = [],
  { env = {}, node = [], heard = () => undefined }: StartOptions = {},
): Promise<Server> {
  const child = spawn(process.execPath, [...node, script, ...args], {
    cwd: join(import.meta.dirname, ".."),
    env: { PATH: process.env["PATH"] ?? "", HOME: folder, ...env },
    stdio: ["ignore", "pipe", "inherit"],
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
      child.stdout.off("data", listen);
      child.stdout.on("data", (more: Buffer) => heard(more.toString()));
      resolve({ url, pid: child.pid, ended });
    };
    child.stdout.on("data", listen);
  });
}

export interface RouterOptions extends StartOptions {
  logging?: boolean;
  dashboard?: boolean;
  /** Further keys of `[logging]`. */
  recorded?: string;
  /** Further keys of the provider. */
  provider?: string;
  /** Keys of `[telemetry]`. */
  telemetry?: string;
}

/** The router in its ordinary settings: routing, a keyword classifier, headers, events; log and dashboard on when asked. */
export function startRouter(upstreamUrl: string, options: RouterOptions = {}): Promise<Server> {
  const { logging = false, dashboard = false, recorded = "", provider = "", telemetry = "" } = options;
  const name = `router-${children.length}`;
  const file = join(folder, `${name}.toml`);
  const log = join(folder, `${name}.jsonl`);
  writeFileSync(
    file,
    `[server]
port = 0
dashboard = ${dashboard}
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
enabled = true
[classifiers.keyword.tags]
private = ["confidential", "secret"]
[overload]
max_delay_ms = 0
[[routers]]
type = "tag"
tag = "private"
provider = "up"
[[routers]]
type = "prefix"
model_prefix = "bench"
provider = "up"
rewrite_model = "bench-sent"
`,
  );
  return startServer("src/cli/main.ts", [file], options);
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

export function stop({ pid }: Server): void {
  process.kill(pid, "SIGKILL");
}

export function stopAll(): void {
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
}
