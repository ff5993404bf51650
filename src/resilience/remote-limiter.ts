import type { Clock } from "../core/clock.ts";
import type { Failure } from "../core/failure.ts";
import type { Provider } from "../upstream/provider.ts";
import { Limiter, type Slot, type SlotWaiter } from "./limiter.ts";

/** What a process says of turns to the one that gives them out. `id`: of the request for one. */
export type TurnAsked =
  | { what: "ask"; id: number; provider: string; model: string; now: boolean }
  | { what: "cancel" | "answered" | "release"; id: number };

/** What it is told. `failure`: it is refused; null: it is granted. */
export interface TurnTold {
  readonly id: number;
  readonly failure: Failure | null;
}

/**
 * Limits of providers that several processes ask share one line, in one of them: so they hold exactly, and who asked first goes
 * first, whichever process he came to. Providers without limits are not asked for there.
 */
export class RemoteLimiter extends Limiter {
  readonly #ask: (asked: TurnAsked) => void;
  readonly #waiting = new Map<number, SlotWaiter>();
  #last = 0;

  constructor(clock: Clock, ask: (asked: TurnAsked) => void) {
    super(clock);
    this.#ask = ask;
  }

  override ask(provider: Provider, model: string, waiter: SlotWaiter): { cancel(): void } {
    return this.#request(provider, model, waiter, false);
  }

  override askNow(provider: Provider, model: string): Promise<Slot | false> {
    return new Promise((resolve) => {
      const waiter: SlotWaiter = { granted: resolve, refused: () => resolve(false) };
      this.#request(provider, model, waiter, true);
    });
  }

  told({ id, failure }: TurnTold): void {
    const waiter = this.#waiting.get(id);
    this.#waiting.delete(id);
    // It was cancelled while the answer was on its way.
    if (!waiter) return failure ? undefined : this.#ask({ what: "release", id });
    if (failure) waiter.refused(failure);
    else waiter.granted(this.#slot(id));
  }

  #request({ name }: Provider, model: string, waiter: SlotWaiter, now: boolean): { cancel(): void } {
    this.#last++;
    const id = this.#last;
    this.#waiting.set(id, waiter);
    this.#ask({ what: "ask", id, provider: name, model, now });
    return {
      cancel: () => {
        if (this.#waiting.delete(id)) this.#ask({ what: "cancel", id });
      },
    };
  }

  #slot(id: number): Slot {
    let isAnswered = false;
    let isReleased = false;
    return {
      answered: () => {
        if (!isAnswered && !isReleased) this.#ask({ what: "answered", id });
        isAnswered = true;
      },
      release: () => {
        if (!isReleased) this.#ask({ what: "release", id });
        isReleased = true;
      },
    };
  }
}
