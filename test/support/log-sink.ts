import { constants } from "node:fs";
import { open, readFile } from "node:fs/promises";
import type { LogEvent, RouterEvent } from "../../src/record/events.ts";
import { JsonlSink } from "../../src/record/jsonl.ts";
import type { OpenFile } from "../../src/record/log-file.ts";
import type { Cleanup } from "./in-process.ts";

const EVENT: RouterEvent = { type: "classified", id: "1", ts_ms: 1, tags: [] };

/** A log under test. */
export interface TestLog {
  sink: JsonlSink;
  /** `warn: …`, one entry for each line of the program's log. */
  told: string[];
  events: LogEvent[];
  /** Takes a record `{"text": …}`. */
  say(text: string): void;
}

/** Closed when the test ends, however it ends. */
export function logAt(test: Cleanup, path: string, open?: (path: string) => Promise<OpenFile>): TestLog {
  const told: string[] = [];
  const events: LogEvent[] = [];
  const sink = new JsonlSink({
    path,
    log: (level, message) => void told.push(`${level}: ${message}`),
    changed: (event) => void events.push(event),
    ...(open && { open }),
  });
  test.after(() => sink.close());
  return { sink, told, events, say: (text) => sink.take(EVENT, JSON.stringify({ text })) };
}

export async function linesOf(path: string): Promise<string[]> {
  return (await readFile(path, "utf8")).split("\n");
}

/** What the records in the file said; throws where a line does not parse. */
export async function textsIn(path: string): Promise<string[]> {
  const lines = (await linesOf(path)).filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line).text);
}

/** A disk that has room for so many bytes, writes what fits of what does not, and can be made to hang. */
export class SmallDisk {
  #room: number;
  #hanging: Promise<void> | undefined;
  #goOn: () => void = () => undefined;
  syncs = 0;

  constructor(room = Number.POSITIVE_INFINITY) {
    this.#room = room;
  }

  /** Room for so many bytes more. */
  free(bytes: number): void {
    this.#room += bytes;
  }

  hang(): void {
    this.#hanging = new Promise((resolve) => {
      this.#goOn = resolve;
    });
  }

  goOn(): void {
    this.#hanging = undefined;
    this.#goOn();
  }

  readonly open = async (path: string): Promise<OpenFile> => {
    const file = await open(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT, 0o600);
    return {
      write: async (bytes, offset) => {
        await this.#hanging;
        const length = Math.min(bytes.length - offset, this.#room);
        if (length === 0) throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
        const written = await file.write(bytes, offset, length);
        this.#room -= written.bytesWritten;
        return written;
      },
      read: (into, offset, length, position) => file.read(into, offset, length, position),
      stat: () => file.stat(),
      truncate: async (size) => {
        const { size: before } = await file.stat();
        await file.truncate(size);
        this.#room += before - size;
      },
      datasync: async () => {
        this.syncs++;
        await file.datasync();
      },
      close: () => file.close(),
    };
  };
}
