import type { RouterEvent } from "../../record/events.ts";
import { type Filter, type Filterable, filterableAfter } from "../../remote/filter.ts";

/** Requests that began and never ended, since the router went away: the oldest are forgotten. */
const MAX_UNDER_WAY = 10_000;

interface UnderWay {
  known: Filterable;
  /** Its events until the filter takes it. */
  held: RouterEvent[];
  isWanted: boolean;
}

/**
 * Lets through the events of requests that a filter wants. What it asks for may become known late (a provider, an outcome): until then
 * a request's events are held. One that was wanted once is shown to its end.
 */
export class Wanted {
  readonly #filter: Filter;
  readonly #underWay = new Map<string, UnderWay>();

  constructor(filter: Filter) {
    this.#filter = filter;
  }

  /** The events to be shown now, in their order. */
  take(event: RouterEvent): RouterEvent[] {
    if (!("id" in event)) return [];
    const one = this.#underWay.get(event.id) ?? { known: { id: event.id }, held: [], isWanted: false };
    one.known = filterableAfter(one.known, event);
    one.isWanted ||= this.#filter(one.known);
    one.held.push(event);
    if (event.type === "complete") this.#underWay.delete(event.id);
    else this.#keep(event.id, one);
    return one.isWanted ? one.held.splice(0) : [];
  }

  #keep(id: string, one: UnderWay): void {
    this.#underWay.set(id, one);
    if (this.#underWay.size <= MAX_UNDER_WAY) return;
    const oldest = this.#underWay.keys().next();
    if (!oldest.done) this.#underWay.delete(oldest.value);
  }
}
