import { type Clock, systemClock, type Timer } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import type { LogEvent, RouterEvent } from "./events.ts";
import { LogFile, messageOf, type OpenFile } from "./log-file.ts";
import { piecesOf } from "./record-json.ts";
import { RecordPages } from "./record-pages.ts";
import type { Sink } from "./recorder.ts";
import { type LogRules, Rotation } from "./rotation.ts";

export interface JsonlParts {
  path: string;
  log: Log;
  /** Hears when writing stops to work, when records begin to be lost, and when all is well again. */
  changed?: (event: LogEvent) => void;
  clock?: Clock;
  /** Other processes write to the file, too. */
  isShared?: boolean;
  open?: (path: string) => Promise<OpenFile>;
}

/** What may wait in memory for a disk that is slow, full or gone. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;
/** Records are written after so long, or when there are enough of them. */
const FLUSH_MS = 50;
const RETRY_MS = 1_000;
/** What is not to be kept any more is looked for so often, besides after each rotation. */
const CLEAN_MS = 3_600_000;
/** A disk that takes longer when the router stops is told of. */
const CLOSE_MS = 5_000;

/**
 * The record of truth: one line of JSON for each exchange. A record waits at most `FLUSH_MS` or until a page is full, then
 * its page is handed to the file; once that write is done a killed process does not lose it. While the file cannot be written
 * records wait in memory; those for which there is no room are dropped and counted. Requests never notice.
 */
export class JsonlSink implements Sink {
  readonly active = true;
  readonly completeOnly = true;
  /** It writes it piece by piece. */
  readonly ignoresJson = true;
  /** Records that are not in the file and never will be. */
  dropped = 0;
  readonly #path: string;
  readonly #file: LogFile;
  readonly #rotation: Rotation;
  #cleaning: Timer | undefined;
  #looking: Timer | undefined;
  readonly #log: Log;
  readonly #changed: (event: LogEvent) => void;
  readonly #clock: Clock;
  readonly #waiting = new RecordPages();
  #timer: Timer | undefined;
  #writing: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  /** Records that came since the start, and those of them that are in the file. */
  #came = 0;
  #arrived = 0;
  /** Those who wait until so many are written. */
  #asking: { came: number; resolve: () => void }[] = [];
  /** Why the last write failed. */
  #failure: string | undefined;
  /** What was told, from the first trouble until all is well again. */
  #trouble: { failing: boolean; dropping: boolean; droppedBefore: number } | undefined;

  constructor({ path, log, changed = () => undefined, clock = systemClock, isShared = false, open }: JsonlParts) {
    this.#path = path;
    this.#log = log;
    this.#changed = changed;
    this.#clock = clock;
    const rotation = new Rotation({ path, clock, tell: (level, message) => this.#tell(level, message) });
    this.#rotation = rotation;
    this.#file = new LogFile({ path, clock, tell: (message) => this.#tell("warn", message), open, rotation, isShared });
  }

  /** From now on. `lookMs`: others write, and the file is looked at so often. */
  follow(rules: LogRules, lookMs?: number): void {
    this.#rotation.rules = rules;
    this.#cleaning?.cancel();
    this.#cleaning = undefined;
    if (this.#closing) return;
    if (!this.#rotation.keepsAll) this.#cleanLater();
    if (lookMs !== undefined) this.#lookLater(lookMs);
  }

  /** Whether it is written, and what is missing in it. */
  get state(): { path: string; ok: boolean; dropped: number; problem: string | null } {
    const problem = this.#trouble ? (this.#failure ?? "the disk is too slow") : null;
    return { path: this.#path, ok: problem === null, dropped: this.dropped, problem };
  }

  /** Opens the file and repairs its end, so that what is wrong with it is known before the first record. */
  open(): void {
    this.#writeIn(0);
    void this.#rotation.clean();
  }

  take(event: RouterEvent, json: string): void {
    if (this.#closing || this.#waiting.bytes >= MAX_WAITING_BYTES) return this.#drop();
    this.#waiting.add(json === "" ? piecesOf(event) : [json]);
    this.#came++;
    this.#writeIn(this.#waiting.isFull ? 0 : FLUSH_MS);
  }

  /** Resolves when what waits now is in the file, or cannot be written for the moment. */
  written(): Promise<void> {
    if (this.#waiting.count === 0 && !this.#writing) return Promise.resolve();
    this.#writeIn(0);
    return new Promise((resolve) => void this.#asking.push({ came: this.#came, resolve }));
  }

  /** Writes out what waits and closes the file; records that come later are dropped. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #writeIn(ms: number): void {
    if (this.#writing || this.#closing) return;
    if (this.#timer) {
      // What fails is tried again in its own time, however many records come.
      if (ms > 0 || this.#failure !== undefined) return;
      this.#timer.cancel();
    }
    this.#timer = this.#clock.after(ms, () => {
      this.#timer = undefined;
      this.#writing = this.#write().then(() => {
        this.#writing = undefined;
        this.#answer();
        if (this.#waiting.count === 0) return;
        const isDue = this.#asking.length > 0 || this.#waiting.isFull;
        this.#writeIn(this.#failure !== undefined ? RETRY_MS : isDue ? 0 : FLUSH_MS);
      });
    });
  }

  /** Until less waits than a page, or writing fails. What comes meanwhile has its own time: each write costs two calls of the system. */
  async #write(): Promise<void> {
    do {
      const { whole, error } = await this.#file.append(this.#waiting.first());
      this.#waiting.drop(whole);
      this.#arrived += whole;
      this.#failure = error === undefined ? undefined : messageOf(error);
      if (this.#failure !== undefined) return this.#failed(this.#failure);
    } while (this.#waiting.isFull || (this.#closing && this.#waiting.count > 0));
    this.#works();
  }

  /** An old file is rotated, too, without a record to write. */
  #cleanLater(): void {
    this.#cleaning = this.#clock.after(CLEAN_MS, () => {
      this.#writeIn(0);
      void this.#rotation.clean();
      this.#cleanLater();
    });
  }

  #lookLater(ms: number): void {
    this.#looking?.cancel();
    this.#looking = this.#clock.after(ms, () => {
      this.#writeIn(0);
      this.#lookLater(ms);
    });
  }

  async #close(): Promise<void> {
    this.#cleaning?.cancel();
    this.#looking?.cancel();
    this.#timer?.cancel();
    const slow = this.#clock.after(CLOSE_MS, () =>
      this.#tell(
        "warn",
        `the disk does not answer, and ${records(this.#waiting.count)} wait for it: once more to stop without them`,
      ),
    );
    await this.#writing;
    if (this.#waiting.count > 0) await this.#write();
    await this.#file.close();
    this.#answer();
    slow.cancel();
    const lost = this.#waiting.count;
    this.#waiting.clear();
    this.dropped += lost;
    if (lost > 0) this.#tell("error", `${this.#failure ?? "closed"}; ${records(lost)} could not be written any more`);
  }

  /** Those whose records are in the file, or cannot be written for the moment. */
  #answer(): void {
    const isHopeless = this.#failure !== undefined || this.#closing !== undefined;
    const { done = [], waiting = [] } = Object.groupBy(this.#asking, ({ came }) =>
      isHopeless || came <= this.#arrived ? "done" : "waiting",
    );
    this.#asking = waiting;
    for (const { resolve } of done) resolve();
  }

  #drop(): void {
    const trouble = this.#inTrouble();
    this.dropped++;
    if (trouble.dropping || this.#closing) return;
    trouble.dropping = true;
    this.#tell(
      "error",
      "there is no more room for records that wait for the disk: what comes now is dropped, and counted",
    );
    this.#change(false);
  }

  #failed(failure: string): void {
    const trouble = this.#inTrouble();
    if (trouble.failing) return;
    trouble.failing = true;
    this.#tell("warn", `${failure}; requests go on, their records wait in memory`);
    this.#change(false);
  }

  #inTrouble(): { failing: boolean; dropping: boolean } {
    this.#trouble ??= { failing: false, dropping: false, droppedBefore: this.dropped };
    return this.#trouble;
  }

  #works(): void {
    if (!this.#trouble) return;
    const lost = this.dropped - this.#trouble.droppedBefore;
    this.#trouble = undefined;
    if (lost === 0) this.#tell("info", "is written again; nothing is missing");
    else this.#tell("warn", `is written again; missing: ${records(lost)}`);
    this.#change(true);
  }

  #change(ok: boolean): void {
    this.#changed({
      type: "log",
      ts_ms: this.#clock.wallMs(),
      path: this.#path,
      ok,
      dropped: this.dropped,
      error: ok ? null : (this.#failure ?? "the disk is too slow"),
    });
  }

  #tell(level: "info" | "warn" | "error", message: string): void {
    this.#log(level, `log ${this.#path}: ${message}`, { path: this.#path, dropped: this.dropped });
  }
}

function records(count: number): string {
  return count === 1 ? "1 record" : `${count} records`;
}
