import { monitorEventLoopDelay } from "node:perf_hooks";
import { setImmediate as turn } from "node:timers/promises";

/** Loaded before the router (`node --import`): tells from inside what cannot be seen from outside. */
export interface ProbeAnswer {
  /** After garbage collection. */
  heapBytes: number;
  /** Since the last time, p99. */
  loopDelayMs: number;
}

const RESOLUTION_MS = 10;
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delay.enable();

async function answer(): Promise<void> {
  // It counts from one look to the next, the time between them included.
  const loopDelayMs = Math.max(0, delay.percentile(99) / 1e6 - RESOLUTION_MS);
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.();
    await turn();
  }
  delay.reset();
  const told: ProbeAnswer = { heapBytes: process.memoryUsage().heapUsed, loopDelayMs };
  process.send?.(told);
}

process.on("message", () => void answer());
// Must not keep the router alive when it wants to end.
process.channel?.unref();
