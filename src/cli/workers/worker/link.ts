import type { Learned } from "../../../server/shared/learned.ts";
import type { FromWorker, Item } from "../messages.ts";

/** What can wait waits so long for more. */
const FLUSH_MS = 5;
/** What waits for a primary that does not read; events beyond it are counted, and lost. */
const MAX_WAITING = 32 * 1024 * 1024;
/** What an item costs besides its texts. */
const ITEM_COST = 200;
/** How long a request waits to hear what others know of its conversation. */
const CATCH_UP_MS = 100;

/** How messages leave this process: `sent` when they have. */
export type Send = (message: FromWorker, sent: () => void) => void;

/** From a worker to its primary: in order, in batches, never waiting for it. */
export class Link {
  readonly #send: Send;
  #items: Item[] = [];
  #cost = 0;
  /** What was given to the system, and not taken yet. */
  #outside = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #underway: () => number;
  readonly #behind = new Map<number, () => void>();
  #last = 0;
  /** Events and memories for which there was no room. */
  lost = 0;

  constructor(send: Send, underway: () => number) {
    this.#send = send;
    this.#underway = underway;
  }

  /** `now`: somebody waits for it. */
  tell(item: Item, now = false, length = 0): void {
    const cost = ITEM_COST + length;
    if (length > 0 && this.#cost + this.#outside + cost > MAX_WAITING) {
      this.lost++;
      return;
    }
    this.#items.push(item);
    this.#cost += cost;
    if (now) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), FLUSH_MS);
  }

  learned(learned: Learned): void {
    this.tell({ is: "learned", learned }, false, learned.what === "remember" ? learned.bytes : 0);
  }

  /** What waits goes out. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#items.length === 0) return;
    const [items, cost] = [together(this.#items), this.#cost];
    this.#items = [];
    this.#cost = 0;
    this.#give({ kind: "items", items, underway: this.#underway() }, cost);
  }

  /** Behind all that was told before. */
  send(message: FromWorker): void {
    this.flush();
    this.#give(message, ITEM_COST);
  }

  /** Resolves when what other workers told before is known here: at once or so, and soon in any case. */
  catchUp(): Promise<void> {
    const id = ++this.#last;
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.caughtUp(id), CATCH_UP_MS);
      this.#behind.set(id, () => {
        clearTimeout(timer);
        resolve();
      });
      this.send({ kind: "catch up", id });
    });
  }

  caughtUp(id: number): void {
    this.#behind.get(id)?.();
    this.#behind.delete(id);
  }

  #give(message: FromWorker, cost: number): void {
    this.#outside += cost;
    this.#send(message, () => {
      this.#outside -= cost;
    });
  }
}

/** What was asked of a budget is one number. */
function together(items: readonly Item[]): Item[] {
  const sums = new Map<string, Extract<Learned, { what: "budget" }>>();
  const others = items.filter((item) => {
    if (item.is !== "learned" || item.learned.what !== "budget") return true;
    const { of, requested, taken } = item.learned;
    const sum = sums.get(of);
    sums.set(of, {
      what: "budget",
      of,
      requested: requested + (sum?.requested ?? 0),
      taken: taken + (sum?.taken ?? 0),
    });
    return false;
  });
  return [...others, ...[...sums.values()].map((learned): Item => ({ is: "learned", learned }))];
}
