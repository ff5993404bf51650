import { Worker } from "node:worker_threads";

/**
 * What a worker is given. With `seconds` it explores, for so long by its own processor time: the machine may be busy with other
 * things. Without, it runs so many inputs that are the same each time.
 */
export interface Work {
  target: string;
  seed: number;
  seconds: number | undefined;
  runs: number;
  corpus: readonly Uint8Array[];
  /** Which run it is, how long its input is, and the input. */
  current: SharedArrayBuffer;
}

export interface Found {
  key: string;
  text: string;
  input: Uint8Array;
}

export type Told =
  | ({ kind: "finding" } & Found)
  | {
      kind: "over";
      runs: number;
      /** Characters of code. */
      reached?: { before: number; after: number };
      /** What to keep of the inputs. */
      corpus?: readonly Uint8Array[];
      /** MB. */
      retained?: number;
      /** Seconds of processor time. */
      cpu: number;
    };

export interface Outcome {
  findings: Found[];
  /** Undefined: it did not come to its end. */
  over: Extract<Told, { kind: "over" }> | undefined;
}

const LIMITS = { maxOldGenerationSizeMb: 768 };
/** A worker that stays at one input for so long will never come back from it. ms of its processor time. */
const HANG_MS = 20_000;

/** Fuzzes in a thread of its own, which can be stopped wherever it hangs, and whose memory has a limit. */
export function fuzzTarget(work: Omit<Work, "current">, hear: (finding: Found) => void): Promise<Outcome> {
  const current = new SharedArrayBuffer(8 + 64 * 1024);
  const numbers = new Int32Array(current, 0, 2);
  const worker = new Worker(new URL("worker.ts", import.meta.url), {
    workerData: { ...work, current } satisfies Work,
    resourceLimits: LIMITS,
  });
  const outcome: Outcome = { findings: [], over: undefined };
  const add = (finding: Found) => {
    outcome.findings.push(finding);
    hear(finding);
  };
  const found = (key: string, text: string) => {
    const length = Atomics.load(numbers, 1);
    add({ key, text, input: new Uint8Array(current, 8, length).slice() });
  };
  let last = { at: 0, cpu: 0 };
  const watch = setInterval(async () => {
    const at = Atomics.load(numbers, 0);
    // It may have ended meanwhile.
    const { user, system } = await worker.cpuUsage().catch(() => ({ user: 0, system: 0 }));
    const cpu = (user + system) / 1000;
    if (at !== last.at || at === 0) last = { at, cpu };
    else if (cpu - last.cpu > HANG_MS && outcome.over === undefined) {
      found("hang", `it did not come back within ${HANG_MS / 1000} s`);
      void worker.terminate();
    }
  }, HANG_MS / 4);
  return new Promise((resolve) => {
    worker.on("message", (told: Told) => {
      if (told.kind === "over") outcome.over = told;
      else add(told);
    });
    worker.on("error", (error) => found(`thread ${String(error)}`, String(error)));
    worker.on("exit", () => {
      clearInterval(watch);
      resolve(outcome);
    });
  });
}
