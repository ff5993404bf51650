import type { RouterEvent } from "../../record/events.ts";
import type { Sink } from "../../record/recorder.ts";

/** What the demo showed, counted. */
export class Tally implements Sink {
  readonly active = true;
  readonly completeOnly = true;
  #requests = 0;
  #failovers = 0;
  #usd = 0;
  readonly #providers = new Set<string>();

  take(event: RouterEvent): void {
    if (event.type !== "complete") return;
    this.#requests++;
    if (new Set(event.attempts.map(({ provider }) => provider)).size > 1) this.#failovers++;
    if (event.provider !== null) this.#providers.add(event.provider);
    this.#usd += event.cost.usd ?? 0;
  }

  /** For the end, at most 80 columns. */
  lines(): string[] {
    return [
      `These were ${this.#requests} requests, answered by ${this.#providers.size} providers, ${this.#failovers} of them after another failed.`,
      `Had they been real they would have cost $${this.#usd.toFixed(2)}.`,
    ];
  }
}
