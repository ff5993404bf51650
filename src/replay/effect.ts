import type { ExchangeRow } from "../api/exchanges.ts";
import type { Loss } from "../core/loss.ts";
import type { Place } from "./redecide/recorded-facts.ts";

/** An exchange in the world of one config. */
export interface Side {
  /** Who answers it; undefined: it is refused. */
  place: Place | undefined;
  /** Label of the rule that decides. */
  rule: string | undefined;
  /** Undefined: not known. */
  usd: number | undefined;
  /** The place is on the owner's machine or network; undefined: nobody knows, or there is no place. */
  nearby: boolean | undefined;
  /** Tokens of its prompt that a cache holds. */
  cachedTokens: number;
  /** Its conversation was elsewhere before. */
  switched: boolean;
  losses: readonly Loss[];
}

/** What another config does to one exchange. */
export interface Effect {
  row: ExchangeRow;
  was: Side;
  now: Side;
  /** Another decision than was made. */
  moved: boolean;
  /** The decision was made under this very config; undefined: the record does not say. */
  sameConfig: boolean | undefined;
  /** What its rules asked for and the record does not have, so that the decision may be another. */
  unsure: readonly string[];
  /** Why it is refused now. */
  refusal: string | undefined;
}

export function samePlace(one: Place | undefined, other: Place | undefined): boolean {
  return one?.provider === other?.provider && one?.model === other?.model;
}

/** A key of a map. */
export function keyOf(place: Place | undefined): string {
  return place === undefined ? "" : `${place.provider}\n${place.model}`;
}
