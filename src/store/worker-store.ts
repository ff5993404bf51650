import { Worker } from "node:worker_threads";
import type { ExchangePage, ExchangeQuery } from "../api/exchanges.ts";
import type { Status } from "../api/routing.ts";
import type { Stats, StatsQuery } from "../api/stats.ts";
import { type Clock, systemClock, type Timer } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import type { RouterEvent } from "../record/events.ts";
import type { Sink } from "../record/recorder.ts";
import type { FromWorker, Question, Source, ToWorker } from "./messages.ts";
import { type Store, type StoredExchange, StoreError } from "./store.ts";

export interface WorkerStoreParts {
  source: Source;
  log: Log;
  /** Resolves when what was recorded until now is in the log file. */
  written?: () => Promise<void>;
  clock?: Clock;
  /** Another worker, for tests. */
  start?: (source: Source) => Worker;
}

/** Lines for a store in memory wait so long for others. */
const FLUSH_MS = 50;
/** Characters of lines that the worker has not taken in yet; further ones are not stored. */
const MAX_WAITING_CHARS = 32 * 1024 * 1024;
/** A worker that ended is started again after so long, each time twice as long, and so many times. */
const FIRST_PAUSE_MS = 500;
const MAX_STARTS = 5;
/** One that ran so long is well. */
const WELL_MS = 10 * 60_000;
const CLOSE_MS = 2_000;
/** Of the worker's heap; SQLite's memory is bounded by its cache. */
const MAX_HEAP_MB = 512;

interface Asked {
  answer: (json: string) => void;
  reject: (error: StoreError) => void;
}

/** The store, in a thread of its own, which may be slow, fail or die: requests never notice. */
export class WorkerStore implements Store, Sink {
  readonly active = true;
  readonly completeOnly = true;
  readonly #parts: WorkerStoreParts;
  readonly #clock: Clock;
  readonly #asked = new Map<number, Asked>();
  #state: Status["store"] = { state: "indexing", exchanges: 0, problem: null };
  #worker: Worker | undefined;
  #startedMs = 0;
  #starts = 0;
  #restart: Timer | undefined;
  #closing: Promise<void> | undefined;
  #lastNumber = 0;
  #lines: string[] = [];
  #flush: Timer | undefined;
  /** Lengths of the lines that were posted, in their order. */
  #posted: number[] = [];
  #waitingChars = 0;
  #dropping = false;
  dropped = 0;

  constructor(parts: WorkerStoreParts) {
    this.#parts = parts;
    this.#clock = parts.clock ?? systemClock;
    if (parts.source.kind === "memory") this.#state = { ...this.#state, state: "memory" };
  }

  /** It lives of what it is told as a sink; else it reads the log. */
  get isTold(): boolean {
    return this.#parts.source.kind === "memory";
  }

  get state(): Status["store"] {
    return this.#state;
  }

  /** Starts the thread, unless it runs. */
  open(): void {
    if (this.#worker || this.#closing || this.#restart || this.#starts > 0) return;
    this.#start();
  }

  /** Only a store in memory is a sink; another reads the log. */
  take(_event: RouterEvent, json: string): void {
    if (this.#waitingChars + json.length > MAX_WAITING_CHARS) return this.#drop();
    this.#dropping = false;
    this.#lines.push(json);
    this.#waitingChars += json.length;
    this.#flush ??= this.#clock.after(FLUSH_MS, () => this.#postLines());
  }

  exchanges(query: ExchangeQuery): Promise<ExchangePage> {
    return this.#ask({ kind: "exchanges", query });
  }

  async exchange(id: string): Promise<StoredExchange | undefined> {
    return (await this.#ask<StoredExchange | null>({ kind: "exchange", id })) ?? undefined;
  }

  stats(query: StatsQuery): Promise<Stats> {
    return this.#ask({ kind: "stats", query });
  }

  async caughtUp(): Promise<void> {
    await this.#parts.written?.();
    this.#postLines();
    await this.#ask<null>({ kind: "caught-up" });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#restart?.cancel();
    this.#flush?.cancel();
    const worker = this.#worker;
    if (worker) {
      const ended = new Promise<void>((resolve) => void worker.once("exit", () => resolve()));
      worker.ref();
      this.#post({ type: "close" });
      const slow = this.#clock.after(CLOSE_MS, () => void worker.terminate());
      await ended;
      slow.cancel();
    }
    this.#rejectAll("the store is closed");
  }

  #ask<A>(question: Question): Promise<A> {
    return new Promise<A>((resolve, reject) => {
      const worker = this.#worker;
      if (!worker || this.#closing) return reject(new StoreError(this.#whyNot()));
      const number = ++this.#lastNumber;
      this.#asked.set(number, {
        answer: (json) => {
          const answer: A = JSON.parse(json);
          resolve(answer);
        },
        reject,
      });
      // Until it is answered the process stays.
      worker.ref();
      this.#post({ type: "ask", number, question });
    });
  }

  #whyNot(): string {
    if (this.#closing) return "the store is closed: ask again in a moment";
    return this.#state.problem ?? "the store is not started yet: ask again in a moment";
  }

  #start(): void {
    const worker = (this.#parts.start ?? startWorker)(this.#parts.source);
    this.#worker = worker;
    this.#starts++;
    this.#startedMs = this.#clock.nowMs();
    let reason = "it ended";
    worker.on("message", (message: FromWorker) => this.#hear(message));
    worker.on("error", (error) => {
      reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    });
    worker.on("exit", () => this.#ended(reason));
    worker.unref();
    this.#postLines();
  }

  #ended(reason: string): void {
    this.#worker = undefined;
    this.#waitingChars -= this.#posted.reduce((sum, length) => sum + length, 0);
    this.#posted = [];
    if (this.#closing) return;
    if (this.#clock.nowMs() - this.#startedMs > WELL_MS) this.#starts = 0;
    const again = this.#starts < MAX_STARTS;
    const problem = again
      ? "its thread ended and is started again"
      : `its thread ended ${MAX_STARTS} times: it stays off until the router is started again`;
    this.#state = { ...this.#state, state: "failed", problem };
    this.#parts.log("error", `store: ${problem} (${reason})`);
    this.#rejectAll(problem);
    if (!again) return;
    this.#restart = this.#clock.after(FIRST_PAUSE_MS * 2 ** this.#starts, () => {
      this.#restart = undefined;
      this.#start();
    });
  }

  #hear(message: FromWorker): void {
    switch (message.type) {
      case "answer":
        return this.#settle(message.number, ({ answer }) => answer(message.json));
      case "refusal":
        return this.#settle(message.number, ({ reject }) => reject(new StoreError(message.message)));
      case "taken":
        for (const length of this.#posted.splice(0, message.lines)) this.#waitingChars -= length;
        return;
      case "state":
        return this.#enter(message.state);
      case "log":
        return this.#parts.log(message.level, message.message);
    }
  }

  #enter(state: Status["store"]): void {
    if (state.state !== this.#state.state) {
      this.#parts.log("debug", `store: ${state.state}`, { state: state.state, exchanges: state.exchanges });
    }
    this.#state = state;
  }

  #settle(number: number, settle: (asked: Asked) => void): void {
    const asked = this.#asked.get(number);
    this.#asked.delete(number);
    if (this.#asked.size === 0) this.#worker?.unref();
    if (asked) settle(asked);
  }

  #rejectAll(message: string): void {
    for (const { reject } of this.#asked.values()) reject(new StoreError(message));
    this.#asked.clear();
  }

  #post(message: ToWorker): void {
    this.#worker?.postMessage(message);
  }

  #postLines(): void {
    this.#flush?.cancel();
    this.#flush = undefined;
    if (this.#lines.length === 0 || !this.#worker) return;
    this.#posted.push(...this.#lines.map(({ length }) => length));
    this.#post({ type: "lines", lines: this.#lines });
    this.#lines = [];
  }

  #drop(): void {
    this.dropped++;
    if (this.#dropping) return;
    this.#dropping = true;
    this.#parts.log("warn", "store: it cannot keep up: what comes now is not stored");
  }
}

/** From the sources it is a module like others; in the package it is a bundle of its own (scripts/build.ts). */
function startWorker(source: Source): Worker {
  const file = import.meta.url.endsWith(".ts") ? "./worker.ts" : "./store-worker.js";
  return new Worker(new URL(file, import.meta.url), {
    workerData: source,
    name: "store",
    // Of Node 22, about SQLite; nobody who runs the router can do anything about it.
    execArgv: ["--disable-warning=ExperimentalWarning"],
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
  });
}
