import { equal, ok } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { sharedCompiled } from "../support/compiled.ts";
import type { Weakening } from "../support/router.ts";
import { until } from "../support/until.ts";

const MAIN = join(import.meta.dirname, "../../src/cli/main.ts");
const WEAKEN = new URL("./weaken.ts", import.meta.url).href;

/** An attack by what lies in a folder: it prepares that, and runs the program there. */
export interface LoneAttack {
  readonly name: string;
  /** What holds it off; some need several to be taken out. */
  readonly guard: readonly Weakening[];
  /** Says what the attacker got; undefined: nothing. */
  run(weakenings: readonly Weakening[]): Promise<string | undefined>;
}

/** Like `attacks`, for those that need no router that is up already: each twice, as it is and without its guard. */
export function loneAttacks(title: string, list: readonly LoneAttack[]): void {
  describe(title, () => {
    for (const { name, guard, run } of list) {
      test(`repelled: ${name}`, async () => {
        equal(await run([]), undefined);
      });
      test(`succeeds without its guard: ${name}`, async () => {
        ok(await run(guard), "the attack failed though its guard was taken out");
      });
    }
  });
}

export interface Program {
  /** All it printed so far. */
  said(): string;
  /** Its address, once it listens. Rejects when it ends before. */
  listening(): Promise<string>;
  /** Ends it, if it has not ended by itself; the signal and code it ended with. */
  end(): Promise<number | NodeJS.Signals | null>;
  /** Waits until it ends by itself: its exit code. */
  ended: Promise<number | NodeJS.Signals | null>;
}

export interface ProgramOptions {
  weakenings?: readonly Weakening[];
  env?: Record<string, string>;
  /** Modules to load before it. */
  preloads?: readonly string[];
}

/** Runs the program in `folder`, which is its HOME too, with the umask 000: all rights that it does not take away are given. */
export function runProgram(
  folder: string,
  args: readonly string[],
  { weakenings = [], env = {}, preloads = [] }: ProgramOptions = {},
): Program {
  const imports = [...preloads, ...(weakenings.length > 0 ? [WEAKEN] : [])].flatMap((url) => ["--import", url]);
  const command = [process.execPath, ...imports, MAIN, ...args];
  const child = spawn("/bin/sh", ["-c", 'umask 000; exec "$@"', "sh", ...command], {
    cwd: folder,
    env: {
      PATH: dirname(process.execPath),
      HOME: folder,
      ...sharedCompiled(),
      ...(weakenings.length > 0 && { WEAKEN: JSON.stringify(weakenings) }),
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
    });
  }
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const ended = once(child, "close").then(() => child.exitCode ?? child.signalCode);
  const kill = () => void child.kill("SIGKILL");
  process.once("exit", kill);
  void ended.then(() => process.off("exit", kill));
  const address = () => /listening\s+(http:\/\/\S+)/.exec(text)?.[1];
  return {
    said: () => text,
    ended,
    async listening() {
      await until(() => address() !== undefined || hasEnded(), "the program to listen", 60_000);
      return address() ?? Promise.reject(new Error(`it ended before it listened:\n${text}`));
    },
    async end() {
      if (!hasEnded()) child.kill("SIGTERM");
      return ended;
    },
  };
}
