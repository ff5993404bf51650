import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { sharedCompiled } from "../../test/support/compiled.ts";
import type { ProbeAnswer } from "./probe.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const MAIN = join(ROOT, "src", "cli", "main.ts");
const START_MS = 30_000;

/** A process under measurement, from a clean environment. */
export interface Running {
  readonly url: string;
  readonly pid: number;
  readonly child: ChildProcess;
  /** Everything it has printed. */
  printed(): string;
  /** Resolves when it has ended, with its exit code; null after a signal. */
  readonly ended: Promise<number | null>;
}

export interface Router extends Running {
  /** Its working directory; holds `config.toml`. */
  readonly folder: string;
  /** Heap after a garbage collection, and how late its event loop was since the last time. Not for routers started bare. */
  probe(): Promise<ProbeAnswer>;
}

export interface RouterOptions {
  env?: Record<string, string>;
  /** Without the probe: exactly as a user runs it. */
  bare?: boolean;
  /** An earlier router's folder, to start again on what it left. */
  folder?: string;
}

/** All processes and folders of one scenario: gone when it is over, however it ends. */
export class Rig implements AsyncDisposable {
  readonly #children = new Set<ChildProcess>();
  readonly #folders = new Set<string>();

  folder(): string {
    const folder = mkdtempSync(join(tmpdir(), "soak-"));
    this.#folders.add(folder);
    return folder;
  }

  async router(config: string, options: RouterOptions = {}): Promise<Router> {
    const folder = options.folder ?? this.folder();
    writeFileSync(join(folder, "config.toml"), config);
    const probe = options.bare ? [] : ["--expose-gc", "--import", join(import.meta.dirname, "probe.ts")];
    const running = await this.start(process.execPath, [...probe, MAIN, "config.toml"], { ...options, folder });
    const probing = () =>
      options.bare ? Promise.reject(new Error("a bare router has no probe")) : askProbe(running.child);
    return { ...running, folder, probe: probing };
  }

  /** Runs a command until it prints the URL it listens at. */
  async start(
    command: string,
    args: readonly string[],
    { env = {}, folder = this.folder() }: { env?: Record<string, string>; folder?: string } = {},
  ): Promise<Running> {
    const child = spawn(command, args, {
      cwd: folder,
      env: { PATH: dirname(process.execPath), HOME: folder, ...sharedCompiled(), ...env },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    this.#children.add(child);
    const kill = () => void child.kill("SIGKILL");
    process.once("exit", kill);
    let text = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8");
      stream?.on("data", (chunk: string) => {
        text += chunk;
      });
    }
    const ended = once(child, "close").then((): number | null => {
      process.off("exit", kill);
      this.#children.delete(child);
      return child.exitCode;
    });
    const url = await listening(child, () => text);
    return { url, pid: child.pid ?? 0, child, printed: () => text, ended };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) {
      child.kill("SIGKILL");
      await once(child, "close");
    }
    for (const folder of this.#folders) rmSync(folder, { recursive: true, force: true });
  }
}

function listening(child: ChildProcess, printed: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (what: string) => reject(new Error(`${what}. It said:\n${printed()}`));
    const timer = setTimeout(() => fail("no address was printed in time"), START_MS);
    child.once("error", (error) => fail(error.message));
    child.once("exit", (code, signal) => {
      clearTimeout(timer);
      fail(`it ended with ${code ?? signal}`);
    });
    child.stdout?.on("data", () => {
      const url = /(?:listening\s+|^)(http:\/\/127\.0\.0\.1:\d+)/m.exec(printed())?.[1];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    });
  });
}

function askProbe(child: ChildProcess): Promise<ProbeAnswer> {
  return new Promise((resolve, reject) => {
    child.once("message", (answer: ProbeAnswer) => resolve(answer));
    child.send("probe", (error) => error && reject(error));
  });
}

/** Resident memory in KB. */
export function rssKb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]);
}

export function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}
