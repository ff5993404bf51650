import { parentPort, workerData } from "node:worker_threads";
import { Coverage } from "./coverage.ts";
import type { Told, Work } from "./fuzz-targets.ts";
import { Fuzzing, type Listener } from "./fuzzing.ts";

const { tasks, seconds, runs, current }: Work = workerData;
// Before the sources are loaded: only what is compiled after it is counted by blocks.
const coverage = seconds === undefined ? undefined : new Coverage(new URL("../../src/", import.meta.url).href);
const { targetNamed } = await import("../targets/index.ts");

function tell(told: Told): void {
  parentPort?.postMessage(told);
}

const listener: Listener = {
  /** What the parent sees of the input that is being run, should this thread never come back from it. */
  running(input) {
    new Uint8Array(current, 8).set(input.subarray(0, current.byteLength - 8));
    const numbers = new Int32Array(current, 0, 2);
    Atomics.store(numbers, 1, input.length);
    Atomics.add(numbers, 0, 1);
  },
  found({ key, text, input }) {
    tell({ kind: "finding", found: { key, text, input } });
  },
};

for (const task of tasks) {
  const fuzzing = new Fuzzing(targetNamed(task.target), task, listener);
  const over = coverage && seconds !== undefined ? fuzzing.explored(seconds, coverage) : fuzzing.fixed(runs);
  tell({ kind: "over", over });
}
