import { Worker } from "node:worker_threads";
import type { Clock, Timer } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import type { FromWorker, Problem, Reading, ToWorker } from "./messages.ts";

export interface PdfThreadParts {
  log: Log;
  clock: Clock;
  /** For one file, once its turn has come. */
  timeoutMs: number;
  maxPages: number;
  /** Buffers of the thread, bytes; 512 MB unless told. */
  maxBufferBytes?: number;
}

/** Of the thread: what JavaScript holds, and what buffers hold, into which a small file can unpack gigabytes. */
const MAX_HEAP_MB = 512;
const MAX_BUFFER_BYTES = 512 * 1024 * 1024;
const WATCH_MS = 200;

interface Job {
  data: string;
  /** Nobody waits for it any more: it is not begun. */
  unwanted: () => boolean;
  resolve: (reading: Reading) => void;
  reject: (error: Error) => void;
}

/** A job at work. Its timers run once the thread is ready. */
interface Running extends Job {
  number: number;
  deadline?: Timer;
  watch?: Timer;
}

/**
 * Reads PDFs in a thread, one after the other. It is started for the first one and goes on; one that hangs or takes too much memory
 * ends with its file, and the next file gets a new one.
 */
export class PdfThread {
  readonly #parts: PdfThreadParts;
  readonly #waiting: Job[] = [];
  #worker: Worker | undefined;
  #isReady = false;
  #running: Running | undefined;
  #lastNumber = 0;
  #isClosed = false;

  constructor(parts: PdfThreadParts) {
    this.#parts = parts;
  }

  /** `data`: bare base64. Rejects when the thread is closed, or nobody wanted it any more when its turn came. */
  read(data: string, unwanted: () => boolean): Promise<Reading> {
    const { promise, resolve, reject } = Promise.withResolvers<Reading>();
    this.#waiting.push({ data, unwanted, resolve, reject });
    this.#next();
    return promise;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const worker = this.#worker;
    this.#worker = undefined;
    this.#done()?.reject(closed());
    this.#next();
    await worker?.terminate();
  }

  #next(): void {
    if (this.#running) return;
    for (let job = this.#waiting.shift(); job; job = this.#waiting.shift()) {
      if (this.#isClosed) job.reject(closed());
      else if (job.unwanted()) job.reject(new Error("nobody waits for it any more"));
      else return this.#begin(job);
    }
  }

  #begin(job: Job): void {
    this.#worker ??= this.#start();
    this.#running = { ...job, number: ++this.#lastNumber };
    // Until it is read the process stays.
    this.#worker.ref();
    if (this.#isReady) this.#limit(this.#running);
    const message: ToWorker = { number: this.#lastNumber, data: job.data, maxPages: this.#parts.maxPages };
    this.#worker.postMessage(message);
  }

  #limit(running: Running): void {
    const { clock, timeoutMs } = this.#parts;
    running.deadline = clock.after(timeoutMs, () => this.#kill("too_slow"));
    running.watch = this.#watchIn(running.number);
  }

  /** Its limits hold for JavaScript only: buffers have to be looked at from outside. */
  #watchIn(number: number): Timer {
    return this.#parts.clock.after(WATCH_MS, () => void this.#watch(number));
  }

  async #watch(number: number): Promise<void> {
    // It rejects when the thread has just ended, which says so itself.
    const heap = await this.#worker?.getHeapStatistics().catch(() => undefined);
    if (this.#running?.number !== number) return;
    const { maxBufferBytes = MAX_BUFFER_BYTES } = this.#parts;
    if (heap && heap.external_memory > maxBufferBytes) this.#kill("too_much_memory");
    else this.#running.watch = this.#watchIn(number);
  }

  #start(): Worker {
    const worker = startWorker();
    let problem: Problem = "broken";
    worker.on("message", (message: FromWorker) => {
      if (this.#worker === worker) this.#hear(worker, message);
    });
    worker.on("error", (error) => {
      if (isOutOfMemory(error)) problem = "too_much_memory";
      else this.#parts.log("warn", `plugin pdf: the thread that reads PDFs failed: ${String(error)}`);
    });
    worker.on("exit", () => this.#ended(worker, problem));
    worker.unref();
    return worker;
  }

  #hear(worker: Worker, message: FromWorker): void {
    if (message.type === "ready") {
      this.#isReady = true;
      if (this.#running) this.#limit(this.#running);
    } else if (this.#running?.number === message.number) {
      worker.unref();
      this.#done()?.resolve(message.reading);
      this.#next();
    }
  }

  #kill(problem: Problem): void {
    const worker = this.#worker;
    if (!worker) return;
    void worker.terminate();
    this.#ended(worker, problem);
  }

  #ended(worker: Worker, problem: Problem): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    // That it never began to read is not the file's fault.
    if (this.#isReady) this.#done()?.resolve({ kind: "problem", problem });
    else this.#done()?.reject(new Error("the thread that reads PDFs could not start: the log says why"));
    this.#isReady = false;
    this.#next();
  }

  /** The job that is over. */
  #done(): Job | undefined {
    const running = this.#running;
    this.#running = undefined;
    running?.deadline?.cancel();
    running?.watch?.cancel();
    return running;
  }
}

function closed(): Error {
  return new Error("the plugin was closed: its config is over");
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY";
}

/** From the sources it is a module like others; in the package it is a bundle of its own (scripts/build.ts). */
function startWorker(): Worker {
  const file = import.meta.url.endsWith(".ts") ? "./pdf-worker.ts" : "./pdf-worker.js";
  const worker = new Worker(new URL(file, import.meta.url), {
    name: "pdf",
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
    // What the library has to say of a file is not for the router's output.
    stdout: true,
    stderr: true,
  });
  worker.stdout.resume();
  worker.stderr.resume();
  return worker;
}
