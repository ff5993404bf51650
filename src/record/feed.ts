import { type Clock, systemClock } from "../core/clock.ts";
import type { MissedEvent, RouterEvent } from "./events.ts";
import type { Sink } from "./recorder.ts";

/** Gets each event as a Server-Sent Event, the very same bytes as all others: those who are behind share them. */
type Watcher = (frame: Buffer) => void;

export interface WatchOptions {
  /** Called when the feed itself ends. */
  ended?: () => void;
  /** Wants `progress` events too. */
  progress?: boolean;
  /** The id of the last event it got, when it was here before: it gets what came since. */
  after?: string | undefined;
}

export interface Watching {
  /** What comes before all else: where the feed is, and what was missed. */
  readonly first: readonly Buffer[];
  /** It knows nothing of what is under way: it was never here, or missed too much. */
  readonly fresh: boolean;
  stop(): void;
}

/** Kept for those who come back: no more than this, nor longer than that after the last one left. */
const KEPT_FRAMES = 10_000;
const KEPT_BYTES = 16 * 1024 * 1024;
const KEPT_MS = 3 * 60_000;

/**
 * The live feed: whoever watches gets each event. Not a log: who is not there misses it, unless it comes back soon. Ids are
 * `RUN-NUMBER`; numbers go up by one, and jump where events went by unseen.
 */
export class Feed implements Sink {
  readonly completeOnly = false;
  readonly #clock: Clock;
  readonly #run: string;
  readonly #limits: { frames: number; bytes: number };
  readonly #watchers = new Map<Watcher, WatchOptions>();
  #progressWatchers = 0;
  /** Watchers that were too slow, since the start. */
  cutOff = 0;
  /** The frames up to the one with the number `#last`, oldest first; those before `#begin` are gone. */
  #ring: (Buffer | undefined)[] = [];
  #begin = 0;
  #bytes = 0;
  #last = 0;
  #keptUntilMs: number | undefined;

  constructor(clock: Clock = systemClock, limits = { frames: KEPT_FRAMES, bytes: KEPT_BYTES }) {
    this.#clock = clock;
    this.#run = clock.wallMs().toString(36);
    this.#limits = limits;
  }

  /** Somebody watches, or did a short while ago and may come back. */
  get active(): boolean {
    if (this.#watchers.size > 0) return true;
    if (this.#keptUntilMs === undefined) return false;
    if (this.#clock.nowMs() < this.#keptUntilMs) return true;
    this.#forget();
    return false;
  }

  /** Somebody watches now. */
  get watched(): boolean {
    return this.#watchers.size > 0;
  }

  /** How many watch. */
  get size(): number {
    return this.#watchers.size;
  }

  get wantsProgress(): boolean {
    return this.#progressWatchers > 0;
  }

  take(event: RouterEvent, json: string): void {
    // Half a sentence is of no use to who comes back: the `complete` event has all of it.
    if (event.type === "progress") return this.#tell(Buffer.from(`data: ${json}\n\n`), true);
    this.#last++;
    const frame = Buffer.from(`id: ${this.#idOf(this.#last)}\ndata: ${json}\n\n`);
    this.#keep(frame);
    this.#tell(frame, false);
  }

  watch(watcher: Watcher, options: WatchOptions = {}): Watching {
    const missed = this.#missedSince(options.after);
    const first = [...missed.frames, Buffer.from(`id: ${this.#idOf(this.#last)}\n\n`)];
    this.#watchers.set(watcher, options);
    this.#keptUntilMs = undefined;
    if (options.progress) this.#progressWatchers++;
    return { first, fresh: !missed.whole, stop: () => this.#leave(watcher) };
  }

  /** Sends every watcher away: a router that stops must not wait for those who only look on. */
  end(): void {
    const watchers = [...this.#watchers.values()];
    this.#watchers.clear();
    this.#progressWatchers = 0;
    this.#forget();
    for (const { ended } of watchers) ended?.();
  }

  #leave(watcher: Watcher): void {
    const options = this.#watchers.get(watcher);
    if (!options) return;
    this.#watchers.delete(watcher);
    if (options.progress) this.#progressWatchers--;
    if (this.#watchers.size === 0) this.#keptUntilMs = this.#clock.nowMs() + KEPT_MS;
  }

  #tell(frame: Buffer, progress: boolean): void {
    for (const [watcher, options] of this.#watchers) if (!progress || options.progress) watcher(frame);
  }

  /** The frames it missed; before them a `missed` event when there were others that nobody has any more. */
  #missedSince(after: string | undefined): { frames: Buffer[]; whole: boolean } {
    const missed: Buffer[] = [];
    if (after === undefined) return { frames: missed, whole: false };
    const kept = this.#ring.length - this.#begin;
    const oldest = this.#last - kept + 1;
    const [run, number = ""] = after.split("-");
    const known = run === this.#run && /^\d{1,15}$/.test(number) && Number(number) <= this.#last;
    const from = known ? Number(number) + 1 : 0;
    if (from < oldest) missed.push(missedFrame(after, known ? "too_much" : "restarted"));
    for (let at = Math.max(from, oldest); at <= this.#last; at++) {
      const frame = this.#ring[this.#begin + at - oldest];
      if (frame) missed.push(frame);
    }
    return { frames: missed, whole: from >= oldest };
  }

  #keep(frame: Buffer): void {
    this.#ring.push(frame);
    this.#bytes += frame.length;
    while (this.#bytes > this.#limits.bytes || this.#ring.length - this.#begin > this.#limits.frames) {
      this.#bytes -= this.#ring[this.#begin]?.length ?? 0;
      this.#ring[this.#begin++] = undefined;
    }
    if (this.#begin < this.#limits.frames) return;
    this.#ring = this.#ring.slice(this.#begin);
    this.#begin = 0;
  }

  /** Events go by unseen from now on: the next number is not the one after the last. */
  #forget(): void {
    this.#ring = [];
    this.#begin = 0;
    this.#bytes = 0;
    this.#last++;
    this.#keptUntilMs = undefined;
  }

  #idOf(number: number): string {
    return `${this.#run}-${number}`;
  }
}

/** A named event: plain `EventSource`s, which know nothing of it, do not hear of it. */
function missedFrame(after: string, why: MissedEvent["why"]): Buffer {
  const event: MissedEvent = { type: "missed", last_event_id: after, why };
  return Buffer.from(`event: missed\ndata: ${JSON.stringify(event)}\n\n`);
}
