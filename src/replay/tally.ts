import { type Effect, keyOf, type Side } from "./effect.ts";
import { Latencies, type Quantiles, type ThenNow } from "./latencies.ts";
import type { Place } from "./redecide/recorded-facts.ts";

/** Of what is told of, so many ids are named. */
const MAX_IDS = 5;
/** Ways and losses are told of; whoever has more has made them up. */
const MAX_ROWS = 1_000;

/** A number of exchanges, some of them named: the first ones. */
export interface Counted {
  exchanges: number;
  ids: string[];
}

export interface FlowRow {
  from: Place | null;
  to: Place | null;
  exchanges: number;
  ids: string[];
}

interface SideSum {
  exchanges: number;
  usd: number;
  /** Exchanges whose cost is not known. */
  unpriced: number;
}

export interface PlaceRow extends Place {
  /** Null: nobody knows. */
  nearby: boolean | null;
  was: SideSum;
  now: SideSum;
  /** Of answers in the log. */
  first_token_ms: (Quantiles & { samples: number }) | null;
  duration_ms: (Quantiles & { samples: number }) | null;
}

/** What a config does to a log. Keys are those of `--json` (docs/replay.md). */
export interface Totals {
  /** Decided again. */
  exchanges: number;
  /** Nothing to decide: a plugin answered, or the request was no good. */
  undecided: number;
  moved: Counted;
  /** Those that were decided under this very config, and how many of them are decided alike. */
  same_config: { exchanges: number; alike: number };
  /** Without what rules looked at (written by an older version): decided by what else their record says. */
  without_routing: number;
  /** Those whose rules asked for what the record does not have: they may be decided otherwise. */
  unsure: Counted & { asked: { what: string; exchanges: number }[] };
  flows: FlowRow[];
  places: PlaceRow[];
  cost: {
    was_usd: number;
    now_usd: number;
    /** Exchanges with both costs known: the two sums are theirs. */
    exchanges: number;
    unknown_was: number;
    unknown_now: number;
    cached_tokens_was: number;
    cached_tokens_now: number;
  };
  latency: { first_token_ms: ThenNow; duration_ms: ThenNow };
  refused: { was: number; now: number; new: Counted; reasons: { reason: string; exchanges: number }[] };
  losses: { was: number; now: number; new: Counted; fields: { field: string; provider: string; exchanges: number }[] };
  leaving: Counted & {
    rules: { rule: string; to: string; exchanges: number }[];
    /** Of these, were at a provider this config does not have: whether it was nearby is not known. */
    from_unknown: number;
  };
  switches: { conversations: number; was: number; now: number };
}

/** Adds up effects, in memory for the places there are. */
export class Tally {
  readonly #latencies = new Latencies();
  readonly #flows = new Map<string, FlowRow>();
  readonly #places = new Map<string, PlaceRow>();
  readonly #asked = new Map<string, { what: string; exchanges: number }>();
  readonly #reasons = new Map<string, { reason: string; exchanges: number }>();
  readonly #fields = new Map<string, { field: string; provider: string; exchanges: number }>();
  readonly #leavers = new Map<string, { rule: string; to: string; exchanges: number }>();
  readonly #totals: Omit<Totals, "flows" | "places" | "latency"> = {
    exchanges: 0,
    undecided: 0,
    moved: { exchanges: 0, ids: [] },
    same_config: { exchanges: 0, alike: 0 },
    without_routing: 0,
    unsure: { exchanges: 0, ids: [], asked: [] },
    cost: {
      was_usd: 0,
      now_usd: 0,
      exchanges: 0,
      unknown_was: 0,
      unknown_now: 0,
      cached_tokens_was: 0,
      cached_tokens_now: 0,
    },
    refused: { was: 0, now: 0, new: { exchanges: 0, ids: [] }, reasons: [] },
    losses: { was: 0, now: 0, new: { exchanges: 0, ids: [] }, fields: [] },
    leaving: { exchanges: 0, ids: [], rules: [], from_unknown: 0 },
    switches: { conversations: 0, was: 0, now: 0 },
  };

  /** Of requests. */
  readonly tags = new Set<string>();

  undecided(): void {
    this.#totals.undecided++;
  }

  add(effect: Effect): void {
    this.#totals.exchanges++;
    for (const tag of effect.row.tags) if (this.tags.size < MAX_ROWS) this.tags.add(tag);
    this.#latencies.add(effect);
    this.#addFlow(effect);
    this.#addCost(effect);
    this.#addRefusals(effect);
    this.#addLosses(effect);
    this.#addLeaving(effect);
    const { was, now, moved, sameConfig } = effect;
    if (moved) count(this.#totals.moved, effect);
    if (sameConfig === undefined) this.#totals.without_routing++;
    this.#addUnsure(effect);
    if (sameConfig) {
      this.#totals.same_config.exchanges++;
      if (!moved) this.#totals.same_config.alike++;
    }
    if (was.switched) this.#totals.switches.was++;
    if (now.switched) this.#totals.switches.now++;
  }

  /** `conversations`: how many there were. */
  totals(conversations: number): Totals {
    const totals = this.#totals;
    const byCount = (one: { exchanges: number }, other: { exchanges: number }) => other.exchanges - one.exchanges;
    return {
      ...totals,
      flows: [...this.#flows.values()].sort(byCount),
      places: [...this.#places.values()]
        .map((row) => ({ ...row, ...this.#latenciesOf(row) }))
        .sort((a, b) => b.was.exchanges + b.now.exchanges - a.was.exchanges - a.now.exchanges),
      latency: {
        first_token_ms: this.#latencies.overall("firstToken"),
        duration_ms: this.#latencies.overall("duration"),
      },
      unsure: { ...totals.unsure, asked: [...this.#asked.values()].sort(byCount) },
      refused: { ...totals.refused, reasons: [...this.#reasons.values()].sort(byCount) },
      losses: { ...totals.losses, fields: [...this.#fields.values()].sort(byCount) },
      leaving: { ...totals.leaving, rules: [...this.#leavers.values()].sort(byCount) },
      switches: { ...totals.switches, conversations },
    };
  }

  #latenciesOf(place: Place): Pick<PlaceRow, "first_token_ms" | "duration_ms"> {
    const of = (measure: "firstToken" | "duration") => {
      const { samples, quantiles } = this.#latencies.of(place, measure);
      return quantiles && { ...quantiles, samples };
    };
    return { first_token_ms: of("firstToken"), duration_ms: of("duration") };
  }

  #addUnsure(effect: Effect): void {
    if (effect.unsure.length === 0) return;
    count(this.#totals.unsure, effect);
    for (const what of effect.unsure) {
      const row = rowIn(this.#asked, what, () => ({ what, exchanges: 0 }));
      if (row) row.exchanges++;
    }
  }

  #addFlow(effect: Effect): void {
    const [from, to] = [effect.was.place ?? null, effect.now.place ?? null];
    const key = `${keyOf(from ?? undefined)}\n\n${keyOf(to ?? undefined)}`;
    const row = rowIn(this.#flows, key, () => ({ from, to, exchanges: 0, ids: [] }));
    if (row) count(row, effect);
  }

  #addCost({ was, now }: Effect): void {
    const { cost } = this.#totals;
    this.#addSide(was, "was");
    this.#addSide(now, "now");
    cost.cached_tokens_was += was.cachedTokens;
    cost.cached_tokens_now += now.cachedTokens;
    if (was.usd === undefined) cost.unknown_was++;
    if (now.usd === undefined) cost.unknown_now++;
    if (was.usd === undefined || now.usd === undefined) return;
    cost.exchanges++;
    cost.was_usd = picodollars(cost.was_usd + was.usd);
    cost.now_usd = picodollars(cost.now_usd + now.usd);
  }

  #addSide({ place, nearby, usd }: Side, when: "was" | "now"): void {
    if (!place) return;
    const row = rowIn(this.#places, keyOf(place), () => ({
      ...place,
      nearby: nearby ?? null,
      was: { exchanges: 0, usd: 0, unpriced: 0 },
      now: { exchanges: 0, usd: 0, unpriced: 0 },
      first_token_ms: null,
      duration_ms: null,
    }));
    if (!row) return;
    const sum = row[when];
    sum.exchanges++;
    if (usd === undefined) sum.unpriced++;
    else sum.usd = picodollars(sum.usd + usd);
  }

  #addRefusals(effect: Effect): void {
    const { was, now, refusal = "no rule takes it" } = effect;
    const { refused } = this.#totals;
    if (was.place === undefined) refused.was++;
    if (now.place !== undefined) return;
    refused.now++;
    if (was.place === undefined) return;
    count(refused.new, effect);
    const row = rowIn(this.#reasons, refusal, () => ({ reason: refusal, exchanges: 0 }));
    if (row) row.exchanges++;
  }

  #addLosses(effect: Effect): void {
    const { was, now } = effect;
    const { losses } = this.#totals;
    const had = new Set(told(was).map(({ field }) => field));
    const has = told(now);
    if (had.size > 0) losses.was++;
    if (has.length > 0) losses.now++;
    const fresh = has.filter(({ field }) => !had.has(field));
    if (fresh.length === 0) return;
    count(losses.new, effect);
    const provider = now.place?.provider ?? "";
    for (const field of new Set(fresh.map((loss) => loss.field.replace(/\[\d+\]/g, "[]")))) {
      const row = rowIn(this.#fields, `${field}\n${provider}`, () => ({ field, provider, exchanges: 0 }));
      if (row) row.exchanges++;
    }
  }

  /** A prompt that stayed nearby, and would go to somebody else's machine. */
  #addLeaving(effect: Effect): void {
    const { was, now } = effect;
    if (was.place === undefined || now.nearby !== false || was.nearby === false) return;
    const { leaving } = this.#totals;
    // Gone from the config: that a rule of its own kept requests there is a reason to ask.
    if (was.nearby === undefined) {
      leaving.from_unknown++;
      return;
    }
    count(leaving, effect);
    const [rule, to] = [was.rule ?? "no rule", now.place?.provider ?? ""];
    const row = rowIn(this.#leavers, `${rule}\n${to}`, () => ({ rule, to, exchanges: 0 }));
    if (row) row.exchanges++;
  }
}

/** Whole ones, as costs have: sums of binary fractions end in digits that mean nothing. */
function picodollars(usd: number): number {
  return Math.round(usd * 1e12) / 1e12;
}

/** Those the client is told of. */
function told({ losses }: Side): Side["losses"] {
  return losses.filter((loss) => loss.class !== "silent");
}

function count(counted: Counted, { row }: Effect): void {
  counted.exchanges++;
  if (counted.ids.length < MAX_IDS) counted.ids.push(row.id);
}

function rowIn<T>(rows: Map<string, T>, key: string, make: () => T): T | undefined {
  const known = rows.get(key);
  if (known !== undefined || rows.size >= MAX_ROWS) return known;
  const fresh = make();
  rows.set(key, fresh);
  return fresh;
}
