import type { Config } from "../config/config.ts";
import type { Log } from "../core/log.ts";
import { JsonlSink } from "../record/jsonl.ts";

/** The log files of all versions of the config: one sink for each path, however often the config comes back to it. */
export class Logs {
  readonly #sinks = new Map<string, JsonlSink>();
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Opens nothing yet. */
  of({ enabled, path }: Config["logging"]): JsonlSink | undefined {
    if (!enabled) return undefined;
    const known = this.#sinks.get(path);
    if (known) return known;
    const sink = new JsonlSink(path, (message) => this.#log("warn", message));
    this.#sinks.set(path, sink);
    return sink;
  }

  /** Writes out what waits. */
  async close(): Promise<void> {
    await Promise.all([...this.#sinks.values()].map((sink) => sink.close()));
  }
}
