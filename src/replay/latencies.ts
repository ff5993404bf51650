import type { ExchangeRow } from "../api/exchanges.ts";
import { Histogram } from "../store/rollup/histogram.ts";
import { type Effect, keyOf, samePlace } from "./effect.ts";
import type { Place } from "./redecide/recorded-facts.ts";

/** ms. Null: there are no samples. */
export interface Quantiles {
  p50: number;
  p95: number;
}

export interface ThenNow {
  was: Quantiles | null;
  now: Quantiles | null;
  /** Exchanges that go where the log has no samples: not in `now`. */
  unknown: number;
}

/** Of streams the time to the first token, and of all the time to the end. */
const MEASURES = {
  firstToken: ({ time_to_first_token_ms, stream }: ExchangeRow) => (stream ? time_to_first_token_ms : null),
  duration: ({ duration_ms }: ExchangeRow) => duration_ms,
};
export type Measure = keyof typeof MEASURES;
const MEASURED = ["firstToken", "duration"] as const;

interface Distribution {
  seen: Histogram;
  samples: number;
  /** Exchanges that come here from elsewhere. */
  arriving: number;
}

/** How long answers took at each place, and so how long those that go there would take. Only answers count. */
export class Latencies {
  readonly #places = new Map<string, Record<Measure, Distribution>>();
  readonly #all = { firstToken: new Histogram(), duration: new Histogram() };
  readonly #staying = { firstToken: new Histogram(), duration: new Histogram() };

  add({ row, was, now }: Effect): void {
    if (row.outcome === "ok" && was.place) {
      const stays = samePlace(was.place, now.place);
      for (const measure of MEASURED) {
        const ms = MEASURES[measure](row);
        if (ms === null) continue;
        const { seen } = this.#at(was.place)[measure];
        seen.add(ms);
        this.#at(was.place)[measure].samples++;
        this.#all[measure].add(ms);
        if (stays) this.#staying[measure].add(ms);
      }
    }
    if (now.place && !samePlace(was.place, now.place)) {
      const { firstToken, duration } = this.#at(now.place);
      duration.arriving++;
      if (row.stream) firstToken.arriving++;
    }
  }

  of(place: Place, measure: Measure): { samples: number; quantiles: Quantiles | null } {
    const at = this.#places.get(keyOf(place))?.[measure];
    return { samples: at?.samples ?? 0, quantiles: at ? quantilesOf(at.seen) : null };
  }

  /** All exchanges together: those that stay took what they took, the others what such as were there took. */
  overall(measure: Measure): ThenNow {
    const now = new Histogram();
    now.merge(this.#staying[measure]);
    let unknown = 0;
    for (const place of this.#places.values()) {
      const { seen, samples, arriving } = place[measure];
      if (samples === 0) unknown += arriving;
      else if (arriving > 0) now.mergeScaled(seen, arriving);
    }
    return { was: quantilesOf(this.#all[measure]), now: quantilesOf(now), unknown };
  }

  #at(place: Place): Record<Measure, Distribution> {
    const key = keyOf(place);
    const known = this.#places.get(key);
    if (known) return known;
    const fresh = { firstToken: emptyDistribution(), duration: emptyDistribution() };
    this.#places.set(key, fresh);
    return fresh;
  }
}

function emptyDistribution(): Distribution {
  return { seen: new Histogram(), samples: 0, arriving: 0 };
}

function quantilesOf(histogram: Histogram): Quantiles | null {
  const [p50, p95] = histogram.percentiles([50, 95]) ?? [];
  return p50 === undefined || p95 === undefined ? null : { p50, p95 };
}
