import { Worker } from "node:worker_threads";

/** Half a megabyte of ordinary HTML takes a quarter of it; what takes longer is made to. */
const MAX_MS = 3_000;
const MAX_HEAP_MB = 192;
/** Of the whole router: pages are read beside requests, which want the processor too. */
const MAX_THREADS = 2;
const MAX_WAIT_MS = 2_000;

let running = 0;
/** Those that wait for a thread to end, the first first. */
const waiting = new Set<() => void>();

/**
 * The words of a page, found in a thread of its own: strangers write pages, and some take seconds (measured: 30,000 tables one in
 * another 10 s). Rejects where it takes too long or too much memory.
 */
export async function textOfHtml(html: string, maxMs = MAX_MS, maxWaitMs = MAX_WAIT_MS): Promise<string> {
  await turn(maxWaitMs);
  try {
    return await read(html, maxMs);
  } finally {
    const [next] = waiting;
    if (next) next();
    else running--;
  }
}

/** Resolves when there is a thread to be had, which is the caller's from then on. */
function turn(maxWaitMs: number): Promise<void> {
  if (running < MAX_THREADS) {
    running++;
    return Promise.resolve();
  }
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => {
    waiting.delete(go);
    reject(new Error("too many pages are being read"));
  }, maxWaitMs);
  const go = () => {
    clearTimeout(timer);
    waiting.delete(go);
    resolve();
  };
  waiting.add(go);
  return promise;
}

function read(html: string, maxMs: number): Promise<string> {
  const worker = start(html);
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const timer = setTimeout(() => reject(new Error(`its HTML takes longer than ${maxMs} ms to read`)), maxMs);
  worker.on("message", (text: unknown) => resolve(String(text)));
  worker.on("error", reject);
  worker.on("exit", () => reject(new Error("its HTML could not be read")));
  return promise.finally(() => {
    clearTimeout(timer);
    return worker.terminate();
  });
}

function start(html: string): Worker {
  // In the published package the thread's code is bundled, with its own name.
  const file = import.meta.url.endsWith(".ts") ? "./page-worker.ts" : "./page-worker.js";
  return new Worker(new URL(file, import.meta.url), {
    workerData: html,
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
  });
}
