/** Money that is set aside for a request, until it is known what it took. */
export interface Hold {
  /** Once. */
  settle(usd: number): void;
}

/** Fractions that computers cannot write must not make a cap of 0.3 less than 0.1 + 0.2. */
const SLACK_USD = 1e-9;

/** A spending cap. What is set aside counts as spent until it is settled. */
export class Budget {
  readonly maxUsd: number;
  #spent = 0;
  #held = 0;

  constructor(maxUsd: number) {
    this.maxUsd = maxUsd;
  }

  get spentUsd(): number {
    return this.#spent;
  }

  get leftUsd(): number {
    return Math.max(0, this.maxUsd - this.#spent - this.#held);
  }

  /** Undefined: there is not so much left. */
  hold(usd: number): Hold | undefined {
    if (!(usd >= 0 && usd <= this.leftUsd + SLACK_USD)) return undefined;
    this.#held += usd;
    return {
      settle: (spent) => {
        this.#held -= usd;
        // What is no amount gives nothing back: it cost what was set aside.
        this.#spent += spent >= 0 && spent < Number.POSITIVE_INFINITY ? spent : usd;
      },
    };
  }
}
