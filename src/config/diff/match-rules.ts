import { isObject, type Json, type JsonObject } from "../../core/json.ts";
import type { RuleConfig } from "../config.ts";
import type { Kinds } from "../kinds.ts";
import { canonical, jsonOf } from "./values.ts";

/** A rule that is in both configs, perhaps edited: its places, from 0. */
export interface Pair {
  readonly from: number;
  readonly to: number;
  /** Others that are in both have passed it, or it them. */
  readonly isMoved: boolean;
}

export interface Matching {
  /** In the order of the new config. */
  readonly pairs: readonly Pair[];
  readonly removed: readonly number[];
  readonly added: readonly number[];
}

/** A rule with the defaults of its kind, so that what is left out is the same as what is spelt out. */
export function wholeRule(rule: RuleConfig, kinds: Kinds): JsonObject {
  const { type, module, ...settings } = jsonOf(rule);
  const parsed = kinds.rules.find(({ name }) => name === type)?.schema.safeParse(settings);
  const whole = parsed?.success ? jsonOf(parsed.data) : settings;
  return { type, ...(module !== undefined && { module }), ...whole };
}

/** Which rules of two chains are the same ones: equal ones first, then such as were edited. */
export function matchRules(before: readonly JsonObject[], after: readonly JsonObject[]): Matching {
  const [was, is] = [before.map(canonical), after.map(canonical)];
  const to = new Map<number, number>(commonOrder(was, is));
  const taken = new Set(to.values());
  for (const [from, text] of was.entries()) {
    if (to.has(from)) continue;
    const equal = is.findIndex((other, place) => other === text && !taken.has(place));
    if (equal === -1) continue;
    to.set(from, equal);
    taken.add(equal);
  }
  for (const [from, place] of edited(before, after, to, taken)) to.set(from, place);
  const matched = [...to].toSorted(([a], [b]) => a - b);
  const stayed = new Set(
    commonOrder(
      matched.map(([, place]) => place),
      matched.map(([, place]) => place).toSorted((a, b) => a - b),
    ).map(([index]) => matched[index]?.[0]),
  );
  const placed = new Set(to.values());
  return {
    pairs: matched
      .map(([from, place]) => ({ from, to: place, isMoved: !stayed.has(from) }))
      .toSorted((a, b) => a.to - b.to),
    removed: [...before.keys()].filter((index) => !to.has(index)),
    added: [...after.keys()].filter((index) => !placed.has(index)),
  };
}

/** So much has to be the same of two rules that stand at different places. */
const ALIKE = 0.5;

/** Rules of one type that are alike, or stand at the same place between the others; the most alike first. */
function edited(
  before: readonly JsonObject[],
  after: readonly JsonObject[],
  to: ReadonlyMap<number, number>,
  taken: ReadonlySet<number>,
): Map<number, number> {
  const gaps = gapsOf(to, before.length, after.length);
  const candidates = [...before.entries()].flatMap(([from, old]) =>
    [...after.entries()]
      .filter(([place, now]) => !to.has(from) && !taken.has(place) && old["type"] === now["type"])
      .map(([place, now]) => ({
        from,
        place,
        score: likeness(old, now) + (gaps.of(from) === gaps.at(place) ? ALIKE : 0),
      })),
  );
  candidates.sort((a, b) => b.score - a.score || Math.abs(a.from - a.place) - Math.abs(b.from - b.place));
  const found = new Map<number, number>();
  const places = new Set<number>();
  for (const { from, place, score } of candidates) {
    if (score < ALIKE || found.has(from) || places.has(place)) continue;
    found.set(from, place);
    places.add(place);
  }
  return found;
}

/** Between which equal rules a rule stands: the place of the one before it, in the old chain; -1: it comes first. */
function gapsOf(to: ReadonlyMap<number, number>, before: number, after: number) {
  const from = new Map([...to].map(([old, place]) => [place, old]));
  const last = (count: number, inOld: (index: number) => number | undefined) => {
    const gaps: number[] = [];
    let at = -1;
    for (let index = 0; index < count; index++) {
      gaps.push(at);
      at = inOld(index) ?? at;
    }
    return gaps;
  };
  const olds = last(before, (index) => (to.has(index) ? index : undefined));
  const news = last(after, (index) => from.get(index));
  return { of: (index: number) => olds[index], at: (place: number) => news[place] };
}

/** The share of settings, its type among them, that both have alike. */
function likeness(one: JsonObject, other: JsonObject): number {
  const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  if (keys.length === 0) return 1;
  return keys.reduce((sum, key) => sum + alike(one[key], other[key]), 0) / keys.length;
}

function alike(one: Json | undefined, other: Json | undefined): number {
  if (isObject(one) && isObject(other)) return likeness(one, other);
  return canonical(one) === canonical(other) ? 1 : 0;
}

/** The longest sequence that is in both in this order: pairs of places. */
function commonOrder<T>(one: readonly T[], other: readonly T[]): [number, number][] {
  const lengths = Array.from({ length: one.length + 1 }, () => new Array<number>(other.length + 1).fill(0));
  const at = (i: number, j: number) => lengths[i]?.[j] ?? 0;
  for (let i = one.length - 1; i >= 0; i--) {
    const row = lengths[i] ?? [];
    for (let j = other.length - 1; j >= 0; j--) {
      row[j] = one[i] === other[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const pairs: [number, number][] = [];
  for (let i = 0, j = 0; i < one.length && j < other.length; ) {
    if (one[i] === other[j]) pairs.push([i++, j++]);
    else if (at(i + 1, j) >= at(i, j + 1)) i++;
    else j++;
  }
  return pairs;
}
