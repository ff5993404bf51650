import type { Config } from "../config/config.ts";
import type { Log } from "../core/log.ts";
import type { JsonlSink } from "../record/jsonl.ts";
import type { Source } from "../store/messages.ts";
import { WorkerStore } from "../store/worker-store.ts";

/** The stores of all versions of the config: one for each log that is indexed, and one in memory where none is. */
export class Stores {
  readonly #stores = new Map<string, WorkerStore>();
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Starts nothing yet. `jsonl`: the log of this config. */
  of(config: Config, jsonl: Pick<JsonlSink, "written"> | undefined): WorkerStore | undefined {
    const source = sourceOf(config);
    if (!source) return undefined;
    const key = keyOf(source);
    const known = this.#stores.get(key);
    if (known) return known;
    const store = new WorkerStore({ source, log: this.#log, ...(jsonl && { written: () => jsonl.written() }) });
    this.#stores.set(key, store);
    return store;
  }

  /** Starts the one of this config, and ends those of others: what they know is in their logs. */
  async open(config: Config): Promise<void> {
    const source = sourceOf(config);
    const key = source && keyOf(source);
    const others = [...this.#stores].filter(([other]) => other !== key);
    for (const [other] of others) this.#stores.delete(other);
    if (key !== undefined) this.#stores.get(key)?.open();
    await Promise.all(others.map(([, store]) => store.close()));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#stores.values()].map((store) => store.close()));
  }
}

/** A log that is no file, such as /dev/stdout, cannot be read back. */
function sourceOf({ logging, server }: Config): Source | undefined {
  if (logging.enabled && logging.index && !logging.path.startsWith("/dev/"))
    return { kind: "file", path: logging.path };
  return server.dashboard ? { kind: "memory" } : undefined;
}

function keyOf(source: Source): string {
  return source.kind === "file" ? source.path : "";
}
