import { monitorEventLoopDelay } from "node:perf_hooks";
import { setImmediate as turn } from "node:timers/promises";

/** Loaded before the router (`node --import`): tells from inside what cannot be seen from outside. */
export interface ProbeAnswer {
  /** After garbage collection. */
  heapBytes: number;
  /** Since the last time, p99. */
  loopDelayMs: number;
  /** The longest of these. */
  longestDelayMs: number;
  /** CPU of the thread that answers, most between two looks: who waits for the core does not count. */
  longestTurnMs: number;
}

const RESOLUTION_MS = 10;
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delay.enable();

const lateBy = (nanos: number) => Math.max(0, nanos / 1e6 - RESOLUTION_MS);

/** Timers come between two turns of the event loop. */
const LOOK_MS = 2;
const cpuMs = () => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};
let looked = cpuMs();
let longestTurnMs = 0;
function look(): void {
  const now = cpuMs();
  longestTurnMs = Math.max(longestTurnMs, now - looked);
  looked = now;
}
setInterval(look, LOOK_MS).unref();

async function answer(): Promise<void> {
  // It counts from one look to the next, the time between them included.
  const [loopDelayMs, longestDelayMs] = [lateBy(delay.percentile(99)), lateBy(delay.max)];
  const turnMs = longestTurnMs;
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.();
    await turn();
  }
  const { heapUsed: heapBytes } = process.memoryUsage();
  const told: ProbeAnswer = { heapBytes, loopDelayMs, longestDelayMs, longestTurnMs: turnMs };
  delay.reset();
  longestTurnMs = 0;
  looked = cpuMs();
  process.send?.(told);
}

process.on("message", () => void answer());
// Must not keep the router alive when it wants to end.
process.channel?.unref();
