import { Worker } from "node:worker_threads";

/** A target, and what it begins with. */
export interface Task {
  target: string;
  seed: number;
  corpus: readonly Uint8Array[];
}

/**
 * What a worker is given. With `seconds` it explores, for so long by its own processor time: the machine may be busy with other
 * things. Without, it runs so many inputs that are the same each time.
 */
export interface Work {
  tasks: readonly Task[];
  seconds: number | undefined;
  runs: number;
  /** Which run it is, how long its input is, and the input. */
  current: SharedArrayBuffer;
}

export interface Found {
  key: string;
  text: string;
  input: Uint8Array;
}

/** A target came to its end. */
export interface Over {
  runs: number;
  /** Seconds of processor time. */
  cpu: number;
  /** Characters of code. */
  reached?: { before: number; after: number };
  /** What to keep of the inputs. */
  corpus?: readonly Uint8Array[];
  /** MB. */
  retained?: number;
}

/** In the order of the tasks: all of one target before the next. */
export type Told = { kind: "finding"; found: Found } | { kind: "over"; over: Over };

const LIMITS = { maxOldGenerationSizeMb: 768 };
/** A worker that stays at one input for so long will never come back from it. ms of its processor time. */
const HANG_MS = 20_000;

/**
 * Fuzzes in a thread of its own, which can be stopped wherever it hangs, and whose memory has a limit. It may end before all
 * targets came to their end: the last thing that is heard then is a finding of the one that ended it.
 */
export function fuzzTargets(work: Omit<Work, "current">, hear: (told: Told) => void): Promise<void> {
  const current = new SharedArrayBuffer(8 + 64 * 1024);
  const numbers = new Int32Array(current, 0, 2);
  const worker = new Worker(new URL("worker.ts", import.meta.url), {
    workerData: { ...work, current } satisfies Work,
    resourceLimits: LIMITS,
  });
  const found = (key: string, text: string) => {
    const length = Atomics.load(numbers, 1);
    hear({ kind: "finding", found: { key, text, input: new Uint8Array(current, 8, length).slice() } });
  };
  const cpuMs = async () => {
    // It may have ended meanwhile.
    const { user, system } = await worker.cpuUsage().catch(() => ({ user: 0, system: 0 }));
    return (user + system) / 1000;
  };
  let last = { at: 0, cpu: 0 };
  const watch = setInterval(async () => {
    const at = Atomics.load(numbers, 0);
    const cpu = await cpuMs();
    if (at !== last.at || at === 0) last = { at, cpu };
    else if (cpu - last.cpu > HANG_MS) {
      clearInterval(watch);
      found("hang", `it did not come back within ${HANG_MS / 1000} s`);
      void worker.terminate();
    }
  }, HANG_MS / 4);
  return new Promise((resolve) => {
    worker.on("message", hear);
    worker.on("error", (error) => found(`thread ${String(error)}`, String(error)));
    worker.on("exit", () => {
      clearInterval(watch);
      resolve();
    });
  });
}
