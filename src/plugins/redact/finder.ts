import { linearPattern, type SearchTime } from "../../core/linear-pattern.ts";
import { isUnlikeCode, type Span } from "../../core/sensitive/checks.ts";
import {
  namesSecret,
  SENSITIVE_PATTERNS,
  type SensitiveKind,
  type SensitivePattern,
} from "../../core/sensitive/patterns.ts";

/** A piece of a text that is to be replaced, and what it is. */
export interface Found {
  start: number;
  end: number;
  label: string;
}

/** What an owner wants replaced besides the built-in kinds. */
export interface OwnPattern {
  name: string;
  pattern?: string | undefined;
  words?: readonly string[] | undefined;
  ignore_case: boolean;
}

interface Search {
  label: string;
  spans(text: string, time: SearchTime): readonly Span[];
}

/** Finds what is to be replaced. In time proportional to the text. */
export class Finder {
  /** What it may call what it finds, without repetition. */
  readonly labels: readonly string[];
  readonly #searches: readonly Search[];
  readonly #allowed: ReadonlySet<string>;
  readonly #namesSecrets: boolean;

  /** Throws for a pattern that has no linear time. `allowed`: what is left alone, whatever it looks like. */
  constructor(kinds: readonly SensitiveKind[], own: readonly OwnPattern[], allowed: readonly string[]) {
    const builtIn = SENSITIVE_PATTERNS.filter(({ kind }) => kinds.includes(kind));
    this.#searches = [...own.flatMap(searchesOf), ...builtIn.map(searchFor)];
    this.labels = [...new Set(this.#searches.map(({ label }) => label))];
    this.#allowed = new Set(allowed.map((value) => value.toLowerCase()));
    this.#namesSecrets = kinds.includes("secret");
  }

  /**
   * In order, none overlapping another: what overlaps is one, called after the search that comes first. Throws when the owner's
   * patterns have used up their time.
   */
  find(text: string, time: SearchTime): Found[] {
    const all: (Found & { rank: number })[] = [];
    for (const [rank, { label, spans }] of this.#searches.entries()) {
      for (const [start, end] of spans(text, time)) {
        if (end > start && !this.#isAllowed(text.slice(start, end))) all.push({ start, end, label, rank });
      }
    }
    if (all.length < 2) return all;
    all.sort((one, other) => one.start - other.start);
    const merged: typeof all = [];
    for (const next of all) {
      const before = merged.at(-1);
      if (!before || next.start >= before.end) merged.push({ ...next });
      else {
        before.end = Math.max(before.end, next.end);
        if (next.rank < before.rank) Object.assign(before, { label: next.label, rank: next.rank });
      }
    }
    return merged;
  }

  /** The same for what is the value of a field: the field's name may say that it is a secret. */
  findIn(value: string, field: string | undefined, time: SearchTime): Found[] {
    const isSecret =
      this.#namesSecrets && field !== undefined && value.length >= 6 && namesSecret(field) && isUnlikeCode(value);
    if (!isSecret || this.#isAllowed(value)) return this.find(value, time);
    return [{ start: 0, end: value.length, label: labelOf("secret") }];
  }

  #isAllowed(value: string): boolean {
    return this.#allowed.size > 0 && this.#allowed.has(value.toLowerCase());
  }
}

function labelOf(name: string): string {
  return name.toUpperCase().replaceAll("-", "_");
}

function searchFor({ kind, shape, needs, within, sure }: SensitivePattern): Search {
  return {
    label: labelOf(kind),
    spans(text) {
      if (needs !== undefined && !text.includes(needs)) return [];
      const spans: Span[] = [];
      for (const { index, 0: found } of text.matchAll(shape)) {
        for (const [start, end] of within?.(found) ?? [[0, found.length]]) {
          if (sure?.(found.slice(start, end)) ?? true) spans.push([index + start, index + end]);
        }
      }
      return spans;
    },
  };
}

function searchesOf({ name, pattern, words = [], ignore_case: ignoreCase }: OwnPattern): Search[] {
  const label = labelOf(name);
  const searches: Search[] = [];
  if (pattern !== undefined) {
    const linear = linearPattern(pattern, { ignoreCase });
    searches.push({ label, spans: (text, time) => linear.matches(text, time).map(({ start, end }) => [start, end]) });
  }
  if (words.length > 0) {
    // Longest first: of "Blue" and "Bluebird" both, whichever is written.
    const literal = words.toSorted((one, other) => other.length - one.length).map(escaped);
    const any = new RegExp(
      `(?<![\\p{L}\\p{N}_])(?:${literal.join("|")})(?![\\p{L}\\p{N}_])`,
      ignoreCase ? "giu" : "gu",
    );
    searches.push({
      label,
      spans: (text) => [...text.matchAll(any)].map(({ index, 0: found }) => [index, index + found.length]),
    });
  }
  return searches;
}

/** RegExp.escape is not in Node 22. */
function escaped(word: string): string {
  return word.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
