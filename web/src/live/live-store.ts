import type { RouterEvent } from "../../../src/record/events.ts";
import { Book, type BookView } from "./book.ts";

type Listener = () => void;
type BatchListener = (events: readonly RouterEvent[]) => void;

/** Drawn at most this often: nobody reads faster, and frames are left for scrolling and typing. */
const DRAW_MS = 66;
/** On a machine that is slow at it, drawing gets a quarter of the time, but happens twice a second. */
const COST_SHARE = 4;
const MAX_DRAW_MS = 500;
/** A page in the background gets no frames; it takes its events this often then. */
const HIDDEN_MS = 1_000;

/** Collects what the feed says and takes it in batches, so that 200 requests/s cost no more drawing than one. */
export class LiveStore {
  readonly #book = new Book();
  readonly #listeners = new Set<Listener>();
  readonly #batchListeners = new Set<BatchListener>();
  #queue: RouterEvent[] = [];
  #isScheduled = false;
  #atLatest: ReturnType<typeof setTimeout> | undefined;
  #drawnMs = 0;
  /** What drawing took the last time, layout and paint included. */
  #costMs = 0;

  take(event: RouterEvent): void {
    this.#queue.push(event);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    const pauseMs = Math.min(MAX_DRAW_MS, Math.max(DRAW_MS, COST_SHARE * this.#costMs));
    const restMs = this.#drawnMs + pauseMs - performance.now();
    // Also while it is visible: it may be hidden before its frame comes, which then never does.
    this.#atLatest = setTimeout(() => this.#flush(), HIDDEN_MS);
    if (document.hidden) return;
    if (restMs <= 0) requestAnimationFrame(() => this.#flush());
    else setTimeout(() => requestAnimationFrame(() => this.#flush()), restMs);
  }

  /** Events were lost. */
  gap(): void {
    this.#flush();
    this.#book.forgetFlying();
    this.#tell();
  }

  find(id: string) {
    return this.#book.find(id);
  }

  readonly view = (): BookView => this.#book.view;

  /** Called after each batch; for useSyncExternalStore. */
  readonly subscribe = (listener: Listener): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** The events themselves, a batch at a time. */
  readonly onBatch = (listener: BatchListener): (() => void) => {
    this.#batchListeners.add(listener);
    return () => void this.#batchListeners.delete(listener);
  };

  #flush(): void {
    const events = this.#queue;
    this.#isScheduled = false;
    clearTimeout(this.#atLatest);
    if (events.length === 0) return;
    this.#queue = [];
    this.#drawnMs = performance.now();
    this.#book.apply(events);
    for (const listener of this.#batchListeners) listener(events);
    this.#tell();
    // Runs when the frame that was begun here is done.
    setTimeout(() => {
      this.#costMs = performance.now() - this.#drawnMs;
    });
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
