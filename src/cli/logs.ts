import type { Config } from "../config/config.ts";
import type { Log } from "../core/log.ts";
import type { LogEvent } from "../record/events.ts";
import { JsonlSink } from "../record/jsonl.ts";
import type { Recorder } from "../record/recorder.ts";
import { KEEP_ALL, type LogRules } from "../record/rotation.ts";

/** Who writes to a log: with `others` this process only rotates it, with `several` another one does. */
export type LogWriters = "this process" | "several" | "others";

/** The log files of all versions of the config: one sink for each path, however often the config comes back to it. */
export class Logs {
  readonly #sinks = new Map<string, JsonlSink>();
  readonly #log: Log;
  readonly #recorder: Recorder;
  readonly #writers: LogWriters;

  /** `recorder`: hears when a log cannot be written. */
  constructor(log: Log, recorder: Recorder, writers: LogWriters = "this process") {
    this.#log = log;
    this.#recorder = recorder;
    this.#writers = writers;
  }

  /** Opens nothing yet. */
  of({ enabled, path }: Config["logging"]): JsonlSink | undefined {
    if (!enabled) return undefined;
    const known = this.#sinks.get(path);
    if (known) return known;
    const changed = (event: LogEvent) => this.#recorder.record("log", () => event);
    const sink = new JsonlSink({ path, log: this.#log, changed, isShared: this.#writers !== "this process" });
    this.#sinks.set(path, sink);
    return sink;
  }

  /** Opens the file, in the background: what is wrong with it is told at once, not only when there is something to write. */
  open(settings: Config["logging"]): void {
    const sink = this.of(settings);
    if (this.#writers === "several") sink?.follow(KEEP_ALL);
    else sink?.follow(rulesOf(settings), this.#writers === "others" ? LOOK_MS : undefined);
    sink?.open();
  }

  /** Writes out what waits. */
  async close(): Promise<void> {
    await Promise.all([...this.#sinks.values()].map((sink) => sink.close()));
  }
}

function rulesOf({ rotate_mb, keep_days, keep_mb }: Config["logging"]): LogRules {
  return { rotateBytes: rotate_mb * MIB, keepMs: keep_days * DAY_MS, keepBytes: keep_mb * MIB };
}

/** What others write is looked at so often, for what has to be rotated. */
const LOOK_MS = 500;

const MIB = 1024 * 1024;
const DAY_MS = 24 * 3_600_000;
