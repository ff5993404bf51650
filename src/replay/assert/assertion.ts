import type { ExchangeRow } from "../../api/exchanges.ts";
import { didYouMean } from "../../config/nearest.ts";
import type { Effect } from "../effect.ts";
import type { Totals } from "../tally.ts";
import { AssertionFault } from "./fault.ts";
import { parseLimit, type Unit, unitText } from "./limits.ts";
import { type MeasureOf, parseMeasure } from "./measures.ts";
import { parsePlaces } from "./places.ts";

/** What became of an assertion. Keys are those of `--json` (docs/replay.md). */
export interface Verdict {
  assertion: string;
  holds: boolean;
  /** What was found, for people. */
  found: string;
  /** Exchanges it was about. */
  exchanges: number;
  /** Of these, broke it; null: it is about all of them together. */
  broken: number | null;
  /** The first that broke it. */
  ids: string[];
}

/** Something that has to be so of a replay: sees each effect, and says at the end whether it was so. */
export interface Assertion {
  add(effect: Effect): void;
  verdict(totals: Totals): Verdict;
}

export interface AssertionParts {
  /** Those of the config. */
  providers: readonly string[];
  /** Names that filters know, and what a filter means (src/remote/filter.ts). */
  filterNames: readonly string[];
  parseFilter(text: string): (row: ExchangeRow) => boolean;
}

/** Reads `tag=private → local` or `cost <= 1.1x`. Throws `AssertionFault`. */
export function parseAssertion(text: string, parts: AssertionParts): Assertion {
  const arrow = arrowIn(text);
  return arrow ? whereto(text, arrow, parts) : threshold(text, parts);
}

const MAX_IDS = 5;

function whereto(text: string, { at, length }: { at: number; length: number }, parts: AssertionParts): Assertion {
  const isMeant = parts.parseFilter(filterIn(text.slice(0, at), parts.filterNames));
  const goesThere = parsePlaces(text.slice(at + length), at + length, parts.providers);
  const ids: string[] = [];
  let [exchanges, broken] = [0, 0];
  return {
    add({ row, now }) {
      if (!isMeant(row)) return;
      exchanges++;
      if (goesThere(now)) return;
      broken++;
      const to = now.place === undefined ? "refused" : `${now.place.provider}/${now.place.model}`;
      if (ids.length < MAX_IDS) ids.push(`${row.id} → ${to}`);
    },
    verdict: () => {
      const found = exchanges === 0 ? "no exchange is meant" : `${broken} of ${exchanges} would go elsewhere`;
      return { assertion: text, holds: broken === 0, found, exchanges, broken, ids };
    },
  };
}

/** An arrow that does not stand in quotes. */
function arrowIn(text: string): { at: number; length: number } | undefined {
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '"') isQuoted = !isQuoted;
    else if (!isQuoted && text[at] === "→") return { at, length: 1 };
    else if (!isQuoted && text.startsWith("->", at)) return { at, length: 2 };
  }
  return undefined;
}

/** `tag=private` is `tag:private`. A misspelt name would be a word nothing has, and the assertion always hold. */
function filterIn(text: string, names: readonly string[]): string {
  return text.replace(/"[^"]*"|(?<=^|\s)([a-z_]+)([:=])/gi, (found, name, _sign, at) => {
    if (typeof name !== "string") return found;
    if (names.includes(name.toLowerCase())) return `${name}:`;
    const hint = didYouMean(name, names);
    throw new AssertionFault(`a filter has no ${JSON.stringify(name)}${hint}: it has ${names.join(", ")}`, at);
  });
}

const COMPARISONS: Readonly<Record<string, (one: number, other: number) => boolean>> = {
  "<=": (one, other) => one <= other + roundingOf(other),
  "≤": (one, other) => one <= other + roundingOf(other),
  ">=": (one, other) => one >= other - roundingOf(other),
  "≥": (one, other) => one >= other - roundingOf(other),
  "==": (one, other) => Math.abs(one - other) <= roundingOf(other),
  "=": (one, other) => Math.abs(one - other) <= roundingOf(other),
  "<": (one, other) => one < other - roundingOf(other),
  ">": (one, other) => one > other + roundingOf(other),
};

/** Sums of many prices differ in their last digits by the order in which they were added up. */
function roundingOf(value: number): number {
  return Math.abs(value) * 1e-9;
}

function threshold(text: string, { providers }: AssertionParts): Assertion {
  const [, head = "", sign = "", tail = ""] = /^(.*?)(<=|>=|==|≤|≥|<|>|=)(.*)$/s.exec(text) ?? [];
  if (sign === "") throw new AssertionFault("neither → nor a comparison such as <= stands here", text.length);
  const measure = parseMeasure(head.trim(), head.length - head.trimStart().length, providers);
  const limitAt = head.length + sign.length + (tail.length - tail.trimStart().length);
  // A number of exchanges may be compared with a share of all of them.
  const isShare = measure.unit === "count" && tail.trim().endsWith("%");
  const limit = parseLimit(tail.trim(), limitAt, isShare ? "share" : measure.unit, measure.hasThen);
  const compare = COMPARISONS[sign];
  return {
    add: () => undefined,
    verdict: (totals) => {
      const { exchanges } = totals;
      const scale = isShare ? exchanges : 1;
      const now = measure.now(totals);
      const than = "value" in limit ? limit.value * scale : multiple(measure.was(totals), limit.timesThen);
      const holds = now !== undefined && than !== undefined && compare?.(now, than) === true;
      const ids = holds ? [] : [...(measure.ids?.(totals) ?? [])];
      return { assertion: text, holds, found: foundText(measure, totals), exchanges, broken: null, ids };
    },
  };
}

function multiple(was: number | undefined, times: number): number | undefined {
  return was === undefined ? undefined : was * times;
}

function foundText(measure: MeasureOf, totals: Totals): string {
  const text = (value: number | undefined, unit: Unit) => (value === undefined ? "not known" : unitText(value, unit));
  const now = text(measure.now(totals), measure.unit);
  return measure.hasThen ? `${now}, then ${text(measure.was(totals), measure.unit)}` : now;
}
