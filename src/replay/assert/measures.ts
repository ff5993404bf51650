import { didYouMean } from "../../config/nearest.ts";
import type { ThenNow } from "../latencies.ts";
import type { PlaceRow, Totals } from "../tally.ts";
import { AssertionFault } from "./fault.ts";
import type { Unit } from "./limits.ts";
import { type Places, parsePlaces } from "./places.ts";

/** A number that follows from a replay. */
export interface MeasureOf {
  readonly unit: Unit;
  readonly hasThen: boolean;
  /** Undefined: not known. */
  now(totals: Totals): number | undefined;
  was(totals: Totals): number | undefined;
  /** The exchanges it comes from, some of them. */
  ids?(totals: Totals): readonly string[];
}

const NO_THEN = () => undefined;

const PLAIN: Readonly<Record<string, MeasureOf>> = {
  cost: {
    unit: "dollars",
    hasThen: true,
    now: ({ cost }) => (cost.exchanges === 0 ? undefined : cost.now_usd),
    was: ({ cost }) => (cost.exchanges === 0 ? undefined : cost.was_usd),
  },
  refused: {
    unit: "count",
    hasThen: true,
    now: ({ refused }) => refused.now,
    was: ({ refused }) => refused.was,
    ids: ({ refused }) => refused.new.ids,
  },
  losses: {
    unit: "count",
    hasThen: true,
    now: ({ losses }) => losses.now,
    was: ({ losses }) => losses.was,
    ids: ({ losses }) => losses.new.ids,
  },
  switches: {
    unit: "count",
    hasThen: true,
    now: ({ switches }) => switches.now,
    was: ({ switches }) => switches.was,
  },
  moved: {
    unit: "count",
    hasThen: false,
    now: ({ moved }) => moved.exchanges,
    was: NO_THEN,
    ids: ({ moved }) => moved.ids,
  },
  leaving: {
    unit: "count",
    hasThen: false,
    now: ({ leaving }) => leaving.exchanges + leaving.from_unknown,
    was: NO_THEN,
    ids: ({ leaving }) => leaving.ids,
  },
};

const WITH_ARGUMENT = ["share", "first_token", "duration"] as const;

/** `cost`, `share(cloud)`, `first_token(p95)`. `at`: where it begins. */
export function parseMeasure(text: string, at: number, providers: readonly string[]): MeasureOf {
  const plain = Object.hasOwn(PLAIN, text) ? PLAIN[text] : undefined;
  if (plain) return plain;
  const [, name = text, argument] = /^([a-z_]+)\s*\((.*)\)$/s.exec(text) ?? [];
  const known = WITH_ARGUMENT.find((one) => one === name);
  if (known === undefined || argument === undefined) throw unknown(text, name, at);
  const inside = at + text.indexOf("(") + 1;
  if (known === "share") return shareOf(parsePlaces(argument, inside, providers));
  const quantile = argument.trim();
  if (quantile !== "p50" && quantile !== "p95") throw new AssertionFault("p50 or p95 should stand here", inside);
  const of = ({ latency }: Totals): ThenNow => (known === "first_token" ? latency.first_token_ms : latency.duration_ms);
  return {
    unit: "time",
    hasThen: true,
    now: (totals) => of(totals).now?.[quantile],
    was: (totals) => of(totals).was?.[quantile],
  };
}

function unknown(text: string, name: string, at: number): AssertionFault {
  const all = [
    ...Object.keys(PLAIN),
    ...WITH_ARGUMENT.map((one) => (one === "share" ? "share(PLACES)" : `${one}(p95)`)),
  ];
  const hint = didYouMean(name, [...Object.keys(PLAIN), ...WITH_ARGUMENT]);
  const what = text === "" ? "nothing is measured" : `${JSON.stringify(text)} is nothing that is measured`;
  return new AssertionFault(`${what}${hint}; there are ${all.join(", ")}, and "FILTER → PLACES"`, at);
}

/** Of all exchanges, those that go there. */
function shareOf(places: Places): MeasureOf {
  const at = (side: "was" | "now") => (totals: Totals) => {
    if (totals.exchanges === 0) return undefined;
    const isThere = ({ provider, model, nearby }: PlaceRow) =>
      places({ place: { provider, model }, nearby: nearby ?? undefined });
    const refused = places({ place: undefined, nearby: undefined }) ? totals.refused[side] : 0;
    const there = totals.places.filter(isThere).reduce((sum, row) => sum + row[side].exchanges, refused);
    return there / totals.exchanges;
  };
  return { unit: "share", hasThen: true, now: at("now"), was: at("was") };
}
