import { Worker } from "node:worker_threads";

/** Half a megabyte of ordinary HTML takes a quarter of it; what takes longer is made to. */
const MAX_MS = 3_000;
const MAX_HEAP_MB = 192;

/**
 * The words of a page, found in a thread of its own: strangers write pages, and some take seconds (measured: 100,000 tables one in
 * another 10 s). Rejects where it takes too long or too much memory.
 */
export function textOfHtml(html: string, maxMs = MAX_MS): Promise<string> {
  const worker = start(html);
  const read = Promise.withResolvers<string>();
  const timer = setTimeout(() => read.reject(new Error(`its HTML takes longer than ${maxMs} ms to read`)), maxMs);
  worker.on("message", (text: unknown) => read.resolve(String(text)));
  worker.on("error", read.reject);
  worker.on("exit", () => read.reject(new Error("its HTML could not be read")));
  return read.promise.finally(() => {
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
