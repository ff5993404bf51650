import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { sharedCompiled } from "./compiled.ts";

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const WEAKEN = new URL("../security/weaken.ts", import.meta.url).href;
const START_TIMEOUT_MS = 60_000;

/** A guard that is taken out of the router's source, which is in `src/` once and in these very words. */
export interface Weakening {
  /** Below `src/`. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** A router under test: the real program, in a process of its own. */
export interface RunningRouter {
  /** `http://127.0.0.1:PORT`. */
  url: string;
  /** Its working directory, which is also its HOME; removed by `close`. */
  folder: string;
  /** Everything it has printed so far. */
  logs(): string;
  pid: number;
  signal(name: NodeJS.Signals): void;
  /** Nobody reads its output any more. */
  closeOutput(): void;
  /** Its exit code, or the signal that ended it. */
  ended: Promise<number | NodeJS.Signals | null>;
  close(): Promise<void>;
}

/**
 * Starts the router on a config that says `port = 0`, with nothing of this process's environment but PATH and the compiled sources. `env` adds to it.
 * `maxFileBytes`, a multiple of 512: the system lets none of its files grow beyond that, as if the disk were full then.
 * `files`: what lies beside the config. `weakenings`: guards that are taken out of its source. Throws with the router's own words when it does not come up.
 */
export async function startRouter(
  configToml: string,
  env: Record<string, string> = {},
  {
    maxFileBytes,
    weakenings = [],
    files = {},
  }: { maxFileBytes?: number; weakenings?: readonly Weakening[]; files?: Readonly<Record<string, string>> } = {},
): Promise<RunningRouter> {
  const folder = await mkdtemp(join(tmpdir(), "router-test-"));
  const config = join(folder, "config.toml");
  await writeFile(config, unhurried(configToml));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text, { mode: 0o600 });
  const isWeak = weakenings.length > 0;
  const program = [process.execPath, ...(isWeak ? ["--import", WEAKEN] : []), MAIN, config];
  const limited = ["/bin/sh", "-c", `ulimit -f ${(maxFileBytes ?? 0) / 512}; exec "$@"`, "sh", ...program];
  const [command = "", ...args] = maxFileBytes === undefined ? program : limited;
  const child = spawn(command, args, {
    cwd: folder,
    env: {
      PATH: dirname(process.execPath),
      HOME: folder,
      ...(maxFileBytes === undefined && sharedCompiled()),
      ...(isWeak && { WEAKEN: JSON.stringify(weakenings) }),
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const logs = collect(child);
  const ended = once(child, "exit").then(() => child.exitCode ?? child.signalCode);
  const killNow = (): void => void child.kill("SIGKILL");
  process.once("exit", killNow);
  const close = async (): Promise<void> => {
    process.off("exit", killNow);
    await stop(child);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const url = await addressOf(child, logs);
    const closeOutput = () => {
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const signal = (name: NodeJS.Signals) => void child.kill(name);
    return { url, folder, logs, pid: child.pid ?? 0, signal, closeOutput, ended, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The config, by which it takes on what comes however late it is, unless that is what a test is about: the machine may be busy with other tests. */
function unhurried(toml: string): string {
  return /^\[overload\]/m.test(toml) ? toml : `${toml}\n[overload]\nmax_delay_ms = 0\n`;
}

function collect(child: ChildProcess): () => string {
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8");
    stream?.on("data", (chunk: string) => {
      text += chunk;
    });
  }
  return () => text;
}

function addressOf(child: ChildProcess, logs: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => fail(`the router did not say where it listens within ${START_TIMEOUT_MS} ms`),
      START_TIMEOUT_MS,
    );
    const look = (): void => {
      const url = /listening\s+(http:\/\/\S+)/.exec(logs())?.[1];
      if (url === undefined) return;
      finish();
      resolve(url);
    };
    const exited = (code: number | null): void => fail(`the router ended with ${code} before it listened`);
    const finish = (): void => {
      clearTimeout(timer);
      child.stdout?.off("data", look);
      child.off("exit", exited);
    };
    const fail = (message: string): void => {
      finish();
      reject(new Error(`${message}. It said:\n${logs()}`));
    };
    child.stdout?.on("data", look);
    child.once("exit", exited);
  });
}

/** Asks it to stop, and makes it stop when it does not within 3 s. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), 3000);
  await gone;
  clearTimeout(timer);
}
