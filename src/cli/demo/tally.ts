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

  /** `214 requests, answered by 5 providers; 37 went to another provider than the first; $1.04 if it had been real`. */
  text(): string {
    const failovers = `${this.#failovers} of them by another than the first one asked`;
    const cost = `$${this.#usd.toFixed(2)}, had they been real`;
    return `${this.#requests} requests, answered by ${this.#providers.size} providers, ${failovers}; ${cost}`;
  }
}
