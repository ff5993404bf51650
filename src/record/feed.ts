import type { RouterEvent } from "./events.ts";
import type { Sink } from "./recorder.ts";

/** Gets each event as a Server-Sent Event, the very same bytes as all others: those who are behind share them. */
type Watcher = (frame: Buffer) => void;

/** The live feed: whoever watches gets each event. Not a log: who is not there misses it. */
export class Feed implements Sink {
  readonly completeOnly = false;
  readonly #watchers = new Map<Watcher, () => void>();

  get active(): boolean {
    return this.#watchers.size > 0;
  }

  take(_event: RouterEvent, json: string): void {
    const frame = Buffer.from(`data: ${json}\n\n`);
    for (const watcher of this.#watchers.keys()) watcher(frame);
  }

  /** `ended` is called when the feed itself ends. Returns what ends the watching. */
  watch(watcher: Watcher, ended: () => void = () => undefined): () => void {
    this.#watchers.set(watcher, ended);
    return () => void this.#watchers.delete(watcher);
  }

  /** Sends every watcher away: a router that stops must not wait for those who only look on. */
  end(): void {
    for (const ended of this.#watchers.values()) ended();
    this.#watchers.clear();
  }
}
