import type { Config } from "../config/config.ts";
import type { Log } from "../core/log.ts";
import type { LogEvent } from "../record/events.ts";
import { JsonlSink } from "../record/jsonl.ts";
import type { Recorder } from "../record/recorder.ts";
import type { LogRules } from "../record/rotation.ts";

/** The log files of all versions of the config: one sink for each path, however often the config comes back to it. */
export class Logs {
  readonly #sinks = new Map<string, JsonlSink>();
  readonly #log: Log;
  readonly #recorder: Recorder;

  /** `recorder`: hears when a log cannot be written. */
  constructor(log: Log, recorder: Recorder) {
    this.#log = log;
    this.#recorder = recorder;
  }

  /** Opens nothing yet. */
  of({ enabled, path }: Config["logging"]): JsonlSink | undefined {
    if (!enabled) return undefined;
    const known = this.#sinks.get(path);
    if (known) return known;
    const changed = (event: LogEvent) => this.#recorder.record("log", () => event);
    const sink = new JsonlSink({ path, log: this.#log, changed });
    this.#sinks.set(path, sink);
    return sink;
  }

  /** Opens the file, in the background: what is wrong with it is told at once, not only when there is something to write. */
  open(settings: Config["logging"]): void {
    const sink = this.of(settings);
    sink?.follow(rulesOf(settings));
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

const MIB = 1024 * 1024;
const DAY_MS = 24 * 3_600_000;
