import { execFile } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Env } from "../../config/check/providers.ts";

/** A command that was run. */
export interface Ran {
  readonly code: number;
  readonly out: string;
}

/** The machine a service is installed on, so that tests can bring another. */
export interface Host {
  readonly platform: NodeJS.Platform;
  /** In front of places of the whole machine, such as /etc; "" on a real one. */
  readonly root: string;
  readonly home: string;
  readonly uid: number;
  readonly user: string;
  readonly env: Env;
  /** Node as it runs now, absolute. */
  readonly node: string;
  /** The program as it runs now, absolute. */
  readonly program: string;
  /** Never rejects: what cannot be run has code 127. */
  run(command: string, args: readonly string[]): Promise<Ran>;
  /** Whether a router answers at an address, at the latest after so long. */
  answers(base: string, withinMs: number): Promise<boolean>;
  /** The name of the user a file belongs to; undefined: it has none. */
  ownerOf(path: string): Promise<string | undefined>;
}

const ASK_MS = 2_000;
const RETRY_MS = 250;

/** The program's own starter: at the top of a checkout, and beside the bundle's folder in a package. */
const PROGRAM = import.meta.filename.endsWith(".ts")
  ? join(import.meta.dirname, "../../../bin/opensourcellmrouter.cjs")
  : join(import.meta.dirname, "../bin/opensourcellmrouter.cjs");

export function thisHost(env: Env): Host {
  const uid = process.getuid?.() ?? -1;
  return {
    platform: process.platform,
    root: "",
    home: homedir(),
    uid,
    user: userName(uid),
    env,
    node: process.execPath,
    program: PROGRAM,
    run,
    answers,
    ownerOf,
  };
}

/** In containers a user may have a number only. */
function userName(uid: number): string {
  try {
    return userInfo().username;
  } catch {
    return String(uid);
  }
}

function run(command: string, args: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(command, args, { timeout: 120_000 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : 127;
      resolve({ code, out: `${stdout}${stderr}`.trim() || (error?.message ?? "") });
    });
  });
}

async function answers(base: string, withinMs: number): Promise<boolean> {
  const end = performance.now() + withinMs;
  for (;;) {
    const answer = await fetch(`${base}/health`, { signal: AbortSignal.timeout(ASK_MS) }).catch(() => undefined);
    if (answer?.ok) return true;
    if (performance.now() >= end) return false;
    await sleep(RETRY_MS);
  }
}

async function ownerOf(path: string): Promise<string | undefined> {
  if (!existsSync(path)) return undefined;
  const { uid } = statSync(path);
  const { code, out } = await run("id", ["-un", String(uid)]);
  return code === 0 ? out : undefined;
}
