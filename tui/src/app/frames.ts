/** A picture at most every so often: nobody reads faster. */
const FRAME_MS = 66;
/** On a slow machine or line, drawing gets a third of the time. */
const COST_SHARE = 3;
const MAX_FRAME_MS = 500;

/** Tells that something changed, at most some 15 times a second however often it does. */
export class Frames {
  readonly #listeners = new Set<() => void>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #drawnMs = 0;
  #costMs = 0;
  /** Counts pictures: the snapshot that React compares. */
  version = 0;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  readonly snapshot = (): number => this.version;

  /** Draw soon. */
  changed(): void {
    if (this.#timer !== undefined) return;
    const pauseMs = Math.min(MAX_FRAME_MS, Math.max(FRAME_MS, COST_SHARE * this.#costMs));
    this.#timer = setTimeout(() => this.now(), Math.max(0, this.#drawnMs + pauseMs - performance.now()));
  }

  /** Draw at once: a key was pressed. */
  now(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#drawnMs = performance.now();
    this.version++;
    for (const listener of this.#listeners) listener();
    // Runs when what was begun here is drawn.
    setImmediate(() => {
      this.#costMs = performance.now() - this.#drawnMs;
    });
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#listeners.clear();
  }
}
