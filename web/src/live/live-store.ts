import type { RouterEvent } from "../../../src/record/events.ts";
import { Book, type BookView } from "./book.ts";

type Listener = () => void;
type BatchListener = (events: readonly RouterEvent[]) => void;

/** A page in the background gets no frames; it takes its events this often then. */
const HIDDEN_MS = 1_000;

/** Collects what the feed says and takes it once per frame, so that 200 requests/s cost no more drawing than one. */
export class LiveStore {
  readonly #book = new Book();
  readonly #listeners = new Set<Listener>();
  readonly #batchListeners = new Set<BatchListener>();
  #queue: RouterEvent[] = [];
  #isScheduled = false;

  take(event: RouterEvent): void {
    this.#queue.push(event);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    if (document.hidden) setTimeout(() => this.#flush(), HIDDEN_MS);
    else requestAnimationFrame(() => this.#flush());
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
    if (events.length === 0) return;
    this.#queue = [];
    this.#book.apply(events);
    for (const listener of this.#batchListeners) listener(events);
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
