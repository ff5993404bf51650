import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { isatty } from "node:tty";
import { Refusal } from "../io.ts";

const SECOND_LOOK_MS = 40;

export interface Start {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Record<string, string>;
}

/** The terminal sends these to every process in the foreground: the agent has them already. */
const FROM_TERMINAL = ["SIGINT", "SIGQUIT"] as const;
const PASSED_ON = ["SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2"] as const;

/**
 * Runs an agent in this terminal until it ends. Resolves to its exit code; if a signal ended it, the same signal ends this
 * process, so that who waits for it sees what he would have seen.
 */
export async function runAgent({ program, args, env }: Start): Promise<number> {
  const child = spawn(program, args, { env, stdio: "inherit" });
  const handlers = listenFor(child);
  try {
    const [code, signal] = await endOf(child);
    if (signal === null) return code ?? 1;
    for (const [name, handler] of handlers) process.off(name, handler);
    process.kill(process.pid, signal);
    // A signal that does not end this process: as shells say it.
    return 128 + constants.signals[signal];
  } finally {
    for (const [name, handler] of handlers) process.off(name, handler);
  }
}

function listenFor(child: ChildProcess): [NodeJS.Signals, (signal: NodeJS.Signals) => void][] {
  const passOn = (signal: NodeJS.Signals) => void child.kill(signal);
  const isTerminal = [0, 1, 2].some((stream) => isatty(stream));
  const handlers: [NodeJS.Signals, (signal: NodeJS.Signals) => void][] = [
    ...FROM_TERMINAL.map((name) => [name, isTerminal ? () => undefined : passOn] satisfies [unknown, unknown]),
    ...PASSED_ON.map((name) => [name, passOn] satisfies [unknown, unknown]),
    ["SIGCHLD", () => stopWith(child.pid)],
  ];
  for (const [name, handler] of handlers) process.on(name, handler);
  return handlers;
}

function endOf(child: ChildProcess): Promise<[code: number | null, signal: NodeJS.Signals | null]> {
  return new Promise((resolve, reject) => {
    child.once("error", (cause) => reject(new Refusal(1, `could not start ${child.spawnfile}: ${cause.message}`)));
    child.once("exit", (code, signal) => resolve([code, signal]));
  });
}

/**
 * An agent that suspends itself (Ctrl-Z) is a child that stops: the shell waits for this process, so it has to stop, too. When
 * the terminal stopped both and the shell wakes both, this one may be the first to wake: hence the second look.
 */
function stopWith(pid: number | undefined, looks = 2): void {
  if (!isStopped(pid)) return;
  if (looks === 0) process.kill(process.pid, "SIGSTOP");
  else setTimeout(stopWith, SECOND_LOOK_MS, pid, looks - 1).unref();
}

/** As Linux tells it; elsewhere an agent that suspends itself leaves its terminal waiting. */
function isStopped(pid: number | undefined): boolean {
  try {
    // "123 (name) T …": the name may hold anything, blanks and brackets too.
    return /^\) T/.test(readFileSync(`/proc/${pid}/stat`, "latin1").replace(/^.*(?=\) )/s, ""));
  } catch {
    return false;
  }
}
