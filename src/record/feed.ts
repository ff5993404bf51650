import type { RouterEvent } from "./events.ts";
import type { Sink } from "./recorder.ts";

/** The live feed: whoever watches gets each event as one line of JSON. Not a log: who is not there misses it. */
export class Feed implements Sink {
  readonly completeOnly = false;
  readonly #watchers = new Map<(json: string) => void, () => void>();

  get active(): boolean {
    return this.#watchers.size > 0;
  }

  take(_event: RouterEvent, json: string): void {
    for (const watcher of this.#watchers.keys()) watcher(json);
  }

  /** `ended` is called when the feed itself ends. Returns what ends the watching. */
  watch(watcher: (json: string) => void, ended: () => void = () => undefined): () => void {
    this.#watchers.set(watcher, ended);
    return () => void this.#watchers.delete(watcher);
  }

  /** Sends every watcher away: a router that stops must not wait for those who only look on. */
  end(): void {
    for (const ended of this.#watchers.values()) ended();
    this.#watchers.clear();
  }
}
