import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Agent, type Place, programOf } from "./agents.ts";
import { PICTURE, picture } from "./scenarios.ts";

export interface Run {
  code: number | null;
  stdout: string;
  stderr: string;
  seconds: number;
}

/** A clean HOME and a working folder with one picture in it. */
export async function makePlace(): Promise<{ home: string; work: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "agent-"));
  const [home, work] = [join(folder, "home"), join(folder, "work")];
  await mkdir(home);
  await mkdir(work);
  await writeFile(join(work, PICTURE), picture());
  return { home, work, remove: () => rm(folder, { recursive: true, force: true, maxRetries: 3 }) };
}

/** Runs an agent to its end; one that has not ended after the limit (a runaway client asks for ever) is killed. */
export async function runAgent(agent: Agent, place: Omit<Place, "prompt">, limitMs = 60_000): Promise<Run> {
  const program = programOf(agent);
  if (program === undefined) throw new Error(`${agent.name} is not installed: run node test/e2e/install.ts`);
  const { args, env, files = {} } = agent.launch({ ...place, prompt: "Do what you are told." });
  const { url, model } = place;
  const call: [string, ...string[]] =
    agent.launched === undefined
      ? [program, ...args]
      : [process.execPath, MAIN, "launch", agent.launched, "--url", url, "--model", model, "--", ...args];
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
  return runToEnd(
    call,
    { cwd: place.work, env: { ...cleanEnvironment(place.home, dirname(program)), ...env } },
    limitMs,
  );
}

/** Likewise, by a shell that has read what `env` prints for it, with the options that no variable can say. */
export async function runByEnv(agent: Agent, place: Omit<Place, "prompt">, limitMs = 60_000): Promise<Run> {
  const program = programOf(agent);
  if (program === undefined || agent.launched === undefined) throw new Error(`${agent.name} is not there`);
  const { args, env } = agent.launch({ ...place, prompt: "Do what you are told." });
  const options = { cwd: place.work, env: { ...cleanEnvironment(place.home, dirname(program)), ...env } };
  const asked = [MAIN, "env", agent.launched, "--url", place.url, "--model", place.model];
  const { command } = JSON.parse(
    execFileSync(process.execPath, [...asked, "--json"], { ...options, encoding: "utf8" }),
  );
  const printed = execFileSync(process.execPath, asked, {
    ...options,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  return runToEnd(["/bin/sh", "-c", `${printed}\nexec "$@"`, "sh", ...command, ...args], options, limitMs);
}

async function runToEnd(
  [command, ...words]: readonly [string, ...string[]],
  options: { cwd: string; env: Record<string, string> },
  limitMs: number,
): Promise<Run> {
  const started = performance.now();
  const child = spawn(command, words, {
    ...options,
    stdio: ["ignore", "pipe", "pipe"],
    // Its own group, so that what it started ends with it.
    detached: true,
  });
  const run: Run = { code: null, stdout: "", stderr: "", seconds: 0 };
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    run.stdout += chunk;
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    run.stderr += chunk;
  });
  const killGroup = (): void => killQuietly(child.pid);
  const timer = setTimeout(killGroup, limitMs);
  await once(child, "close");
  clearTimeout(timer);
  killGroup();
  run.code = child.exitCode;
  run.seconds = (performance.now() - started) / 1000;
  return run;
}

function killQuietly(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // The group is gone already.
  }
}

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/** Nothing of this process's, and no way out but loopback: every proxy is a closed port. `programs`: where the agents are. */
function cleanEnvironment(home: string, programs: string): Record<string, string> {
  const nowhere = "http://127.0.0.1:9";
  const here = "127.0.0.1,localhost";
  return {
    PATH: [dirname(process.execPath), programs, "/usr/local/bin", "/usr/bin", "/bin"].join(delimiter),
    HOME: home,
    TERM: "xterm",
    LANG: "C.UTF-8",
    HTTP_PROXY: nowhere,
    HTTPS_PROXY: nowhere,
    NO_PROXY: here,
    http_proxy: nowhere,
    https_proxy: nowhere,
    no_proxy: here,
  };
}
