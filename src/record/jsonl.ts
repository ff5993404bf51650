import { mkdirSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import type { RouterEvent } from "./events.ts";
import type { Sink } from "./recorder.ts";

const MAX_QUEUED_BYTES = 64 * 1024 * 1024;
const FLUSH_MS = 50;
const RETRY_MS = 1_000;
const LINE_END = 0x0a;

/**
 * The record of truth: one line of JSON per exchange, appended. Lines wait at most `FLUSH_MS` and are written as one batch.
 * A full disk or a lost file costs lines, counted in `dropped`, never a request. A line torn by a crash or a short write is
 * closed with a line end before the next one, so that it spoils only itself.
 */
export class JsonlSink implements Sink {
  readonly active = true;
  readonly completeOnly = true;
  /** Lines lost because the file could not be written. */
  dropped = 0;
  readonly #path: string;
  readonly #warn: (message: string) => void;
  #queue: string[] = [];
  #queuedBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  #file: FileHandle | undefined;
  /** The file may end in half a line. */
  #torn = false;
  #failing = false;
  #closed = false;

  constructor(path: string, warn: (message: string) => void) {
    this.#path = path;
    this.#warn = warn;
  }

  take(_event: RouterEvent, json: string): void {
    if (this.#closed || this.#queuedBytes > MAX_QUEUED_BYTES) {
      this.dropped++;
      return;
    }
    this.#queue.push(json);
    this.#queuedBytes += json.length;
    this.#schedule(FLUSH_MS);
  }

  /** Writes out what waits and closes the file; lines that come later are dropped. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#writing;
    if (this.#queue.length > 0) await this.#flush();
    await this.#file?.close();
    this.#file = undefined;
  }

  #schedule(ms: number): void {
    if (this.#timer || this.#writing || this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#writing = this.#flush().finally(() => {
        this.#writing = undefined;
        if (this.#queue.length > 0) this.#schedule(this.#failing ? RETRY_MS : 0);
      });
    }, ms);
  }

  async #flush(): Promise<void> {
    const lines = this.#queue;
    this.#queue = [];
    this.#queuedBytes = 0;
    let whole = 0;
    try {
      this.#file ??= await this.#open();
      // One write of all the lines; a short write is followed by another, and leaves whole lines counted.
      const batch = Buffer.from(`${this.#torn ? "\n" : ""}${lines.join("\n")}\n`);
      const prefix = this.#torn ? 1 : 0;
      for (let at = 0; at < batch.length; ) {
        const { bytesWritten } = await this.#file.write(batch, at);
        if (bytesWritten === 0) throw new Error("nothing could be written");
        at += bytesWritten;
        this.#torn = batch[at - 1] !== LINE_END;
        whole = countLineEnds(batch.subarray(prefix, at));
      }
      if (this.#failing) this.#warn(`log ${this.#path}: writing again; ${this.dropped} lines were lost so far`);
      this.#failing = false;
    } catch (error) {
      this.dropped += lines.length - whole;
      await this.#fail(error);
    }
  }

  async #fail(error: unknown): Promise<void> {
    if (!this.#failing)
      this.#warn(`log ${this.#path}: ${messageOf(error)}; requests go on, lines are lost until it works`);
    this.#failing = true;
    await this.#file?.close().catch((closing: unknown) => this.#warn(`log ${this.#path}: ${messageOf(closing)}`));
    this.#file = undefined;
  }

  async #open(): Promise<FileHandle> {
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
    const file = await open(this.#path, "a+", 0o600);
    const { size } = await file.stat();
    if (size > 0) {
      const last = Buffer.alloc(1);
      await file.read(last, 0, 1, size - 1);
      this.#torn = last[0] !== LINE_END;
    }
    return file;
  }
}

function countLineEnds(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(LINE_END); at !== -1; at = bytes.indexOf(LINE_END, at + 1)) count++;
  return count;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
