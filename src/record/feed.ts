import type { RouterEvent } from "./events.ts";
import type { Sink } from "./recorder.ts";

/** The live feed: whoever watches gets each event as one line of JSON. Not a log: who is not there misses it. */
export class Feed implements Sink {
  readonly completeOnly = false;
  readonly #watchers = new Set<(json: string) => void>();

  get active(): boolean {
    return this.#watchers.size > 0;
  }

  take(_event: RouterEvent, json: string): void {
    for (const watcher of this.#watchers) watcher(json);
  }

  /** Returns what ends the watching. */
  watch(watcher: (json: string) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }
}
