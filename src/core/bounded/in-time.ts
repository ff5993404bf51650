import { createContext, Script } from "node:vm";
import { isObject } from "../json.ts";

const box: { run: (() => void) | undefined } = { run: undefined };
const context = createContext(box);
const script = new Script("run()");
/** A busy machine lets a thread stand still for longer than its work takes, when that is short. */
const MAX_TRIES = 10;

/**
 * Runs code that may take for ever on what a model or a client wrote, and ends it in the middle when its time is over: regular
 * expressions too. It may be run again, where the machine gave it none of that time. Throws when it was over, and what the code
 * throws. Costs about 0.3 ms.
 */
export function inTime<T>(limitMs: number, run: () => T, maxTries = MAX_TRIES): T {
  for (let tries = 1; ; tries++) {
    const before = cpuMs();
    try {
      return once(limitMs, run);
    } catch (error) {
      if (!isTimeout(error) || tries >= maxTries || cpuMs() - before > limitMs / 2) throw error;
    }
  }
}

/** Thrown by `inTime`, not by the code it ran. */
export function isTimeout(error: unknown): boolean {
  // Made in the other context, so that it is no `Error` of this one.
  return isObject(error) && error["code"] === "ERR_SCRIPT_EXECUTION_TIMEOUT";
}

function once<T>(limitMs: number, run: () => T): T {
  const results: T[] = [];
  box.run = () => void results.push(run());
  try {
    script.runInContext(context, { timeout: limitMs });
  } finally {
    box.run = undefined;
  }
  for (const result of results) return result;
  throw new Error("it ended without a result");
}

/** What this thread has worked so far. */
export function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
