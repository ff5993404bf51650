import type { RouterEvent } from "../../../src/record/events.ts";
import { type ExchangeEvent, type LiveRow, rowAfter } from "./row.ts";

export interface BookView {
  /** Under way, newest first. */
  flying: readonly LiveRow[];
  /** Finished, newest first. */
  done: readonly LiveRow[];
  /** Finished since the page was opened, those no longer kept included. */
  completed: number;
  /** Of these, so many failed. */
  failed: number;
  /** What they said and cost together. */
  outputTokens: number;
  costUsd: number;
  /** How often events were lost: rows may be missing, and the store has them. */
  gaps: number;
}

const MAX_DONE = 2_000;
/** What never completes (the page missed its end) must not stay for ever. */
const MAX_FLYING = 2_000;

/** The exchanges the feed told of, as rows: bounded, and cheap to look at after each batch of events. */
export class Book {
  readonly #flying = new Map<string, LiveRow>();
  /** Oldest first. */
  #done: LiveRow[] = [];
  #totals = { completed: 0, failed: 0, outputTokens: 0, costUsd: 0, gaps: 0 };
  #view: BookView = { flying: [], done: [], ...this.#totals };
  readonly #maxDone: number;

  constructor(maxDone = MAX_DONE) {
    this.#maxDone = maxDone;
  }

  /** The same object until the next `apply`. */
  get view(): BookView {
    return this.#view;
  }

  apply(events: readonly RouterEvent[]): void {
    for (const event of events) if ("id" in event) this.#take(event);
    this.#look();
  }

  /** Events were lost: nobody knows which of those under way still are. They come back with their next event. */
  forgetFlying(): void {
    this.#flying.clear();
    this.#totals.gaps++;
    this.#look();
  }

  find(id: string): LiveRow | undefined {
    return this.#flying.get(id) ?? this.#done.findLast((row) => row.id === id);
  }

  #take(event: ExchangeEvent): void {
    const row = rowAfter(this.#flying.get(event.id), event);
    if (event.type !== "complete") {
      this.#flying.set(event.id, row);
      if (this.#flying.size > MAX_FLYING) this.#forgetOldest();
      return;
    }
    this.#flying.delete(event.id);
    this.#done.push(row);
    this.#totals.completed++;
    if (isFailure(row.outcome)) this.#totals.failed++;
    this.#totals.outputTokens += row.outputTokens ?? 0;
    this.#totals.costUsd += row.cost?.usd ?? 0;
    // Cut in large pieces: shifting thousands of rows for each one would be felt.
    if (this.#done.length > 1.25 * this.#maxDone) this.#done = this.#done.slice(-this.#maxDone);
  }

  #forgetOldest(): void {
    const oldest = this.#flying.keys().next();
    if (!oldest.done) this.#flying.delete(oldest.value);
  }

  #look(): void {
    this.#view = {
      flying: [...this.#flying.values()].reverse(),
      done: this.#done.slice(-this.#maxDone).reverse(),
      ...this.#totals,
    };
  }
}

/** Clients that left are no failures of the router or its providers. */
export function isFailure(outcome: string | null): boolean {
  return outcome !== null && outcome !== "ok" && outcome !== "client-gone";
}
