import type { Log } from "../../core/log.ts";

/** Sends batches on. `export` rejects when they were not taken. */
export interface Exporter<T> {
  export(items: T[]): Promise<void>;
  close(): Promise<void>;
}

export interface ExportQueueOptions<T> {
  /** For people: `traces`. */
  what: string;
  /** Where they go, for people; without what may be secret. */
  to: string;
  /** Brings the exporter, once. */
  load: () => Promise<Exporter<T>>;
  /** Memory an item takes, roughly, in bytes. */
  sizeOf: (item: T) => number;
  log: Log;
  nowMs: () => number;
}

const MAX_ITEMS = 4096;
const MAX_BYTES = 16 * 1024 * 1024;
const BATCH_ITEMS = 512;
/** Collectors refuse requests that are too large. */
const BATCH_BYTES = 2 * 1024 * 1024;
const DELAY_MS = 1_000;
/** While it fails the log hears of it so often. */
const REMIND_MS = 5 * 60_000;

/**
 * What waits for a collector: one batch under way at a time, so much waits and no more. What finds no room is dropped and
 * counted; the log hears of it now and then. Nothing here throws or rejects.
 */
export class ExportQueue<T> {
  readonly #options: ExportQueueOptions<T>;
  #waiting: { item: T; bytes: number }[] = [];
  #bytes = 0;
  #exporter: Promise<Exporter<T>> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<boolean> | undefined;
  #lost = 0;
  /** Since when the log knows that it fails; undefined: it works. */
  #toldMs: number | undefined;

  constructor(options: ExportQueueOptions<T>) {
    this.#options = options;
  }

  /** Dropped, or not taken, since the start. */
  get lost(): number {
    return this.#lost;
  }

  /** All of them or, where there is no room, none. */
  add(items: readonly T[]): void {
    const sized = items.map((item) => ({ item, bytes: this.#options.sizeOf(item) }));
    const bytes = sized.reduce((sum, one) => sum + one.bytes, 0);
    if (this.#waiting.length + sized.length > MAX_ITEMS || this.#bytes + bytes > MAX_BYTES) {
      this.#lose(sized.length, "they come faster than they are taken");
      return;
    }
    this.#waiting.push(...sized);
    this.#bytes += bytes;
    if (this.#sending) return;
    if (this.#waiting.length >= BATCH_ITEMS) void this.#send();
    else this.#timer ??= setTimeout(() => void this.#send(), DELAY_MS).unref();
  }

  /** Loads what it takes, so that the first batch need not wait for it. */
  open(): void {
    this.#load().catch((error: unknown) => this.#lose(0, wordsOf(error)));
  }

  /** Sends what waits, until all is sent or something is not taken. */
  async flush(): Promise<void> {
    while (this.#sending || this.#waiting.length > 0) {
      if (!(await (this.#sending ?? this.#send()))) return;
    }
  }

  /** Sends what waits, and ends. */
  async close(): Promise<void> {
    await this.flush();
    await this.#exporter?.then(
      (exporter) => exporter.close(),
      () => undefined,
    );
  }

  /** True when it was taken. */
  #send(): Promise<boolean> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sending = this.#sendBatch(this.#take()).then((taken) => {
      this.#sending = undefined;
      if (this.#waiting.length > 0) this.#timer ??= setTimeout(() => void this.#send(), taken ? 0 : DELAY_MS).unref();
      return taken;
    });
    return this.#sending;
  }

  #take(): T[] {
    let count = 0;
    let bytes = 0;
    for (const one of this.#waiting) {
      if (count === BATCH_ITEMS || (count > 0 && bytes + one.bytes > BATCH_BYTES)) break;
      count++;
      bytes += one.bytes;
    }
    this.#bytes -= bytes;
    return this.#waiting.splice(0, count).map(({ item }) => item);
  }

  async #sendBatch(batch: T[]): Promise<boolean> {
    try {
      const exporter = await this.#load();
      await exporter.export(batch);
      this.#works();
      return true;
    } catch (error) {
      this.#lose(batch.length, wordsOf(error));
      return false;
    }
  }

  #load(): Promise<Exporter<T>> {
    this.#exporter ??= this.#options.load();
    return this.#exporter;
  }

  #lose(count: number, why: string): void {
    this.#lost += count;
    const { what, to, log, nowMs } = this.#options;
    if (this.#toldMs !== undefined && nowMs() - this.#toldMs < REMIND_MS) return;
    this.#toldMs = nowMs();
    log("warn", `telemetry: ${what} do not get to ${to}: ${why}; ${this.#lost} lost so far, requests go on`, {
      telemetry: what,
      lost: this.#lost,
    });
  }

  #works(): void {
    // Some are taken while others are dropped: no news.
    if (this.#toldMs === undefined || this.#waiting.length > MAX_ITEMS / 2) return;
    this.#toldMs = undefined;
    const { what, to, log } = this.#options;
    log("info", `telemetry: ${what} get to ${to} again; ${this.#lost} were lost`, {
      telemetry: what,
      lost: this.#lost,
    });
  }
}

/** One line, however much a collector answers with. */
function wordsOf(error: unknown): string {
  const { message, code } =
    error instanceof Error ? { code: undefined, ...error, message: error.message } : { message: String(error) };
  return (message || String(code ?? "no reason given")).split("\n", 1).join("").slice(0, 200);
}
