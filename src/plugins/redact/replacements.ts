import { SearchTime } from "../../core/linear-pattern.ts";
import type { Finder, Found } from "./finder.ts";
import { PlaceholderReader, placeholder } from "./placeholders.ts";
import { Shifts } from "./shifts.ts";

/** For the owner's patterns, of all texts of an exchange. */
const SEARCH_MS = 2_000;

/** What replacing looks at besides the text. */
export interface HideOptions {
  /** The name of the field that holds the text: it may say that it is a secret. */
  field?: string | undefined;
  /** Placeholders in it are the model's own: they stay. */
  ownPlaceholders?: boolean;
}

export interface Hidden {
  text: string;
  shifts: Shifts;
}

/**
 * What one exchange replaced: a value has the same placeholder wherever it stands. Numbers are given in the order of first
 * appearance, so that a conversation's later turns, which begin with the same texts, have the same ones.
 */
export class Replacements {
  readonly reader: PlaceholderReader;
  readonly #finder: Finder;
  readonly #time = new SearchTime(SEARCH_MS);
  readonly #placeholders = new Map<string, string>();
  readonly #values = new Map<string, string>();
  /** Placeholders somebody wrote himself: they stand for nothing. */
  readonly #taken = new Set<string>();
  readonly #last = new Map<string, number>();
  readonly #counts = new Map<string, number>();

  constructor(finder: Finder) {
    this.#finder = finder;
    this.reader = new PlaceholderReader(finder.labels);
  }

  get size(): number {
    return this.#values.size;
  }

  /** How many values of which kind. */
  counts(): Record<string, number> {
    const kinds = [...this.#counts].map(([label, count]) => [label.toLowerCase().replaceAll("_", "-"), count]);
    return Object.fromEntries(kinds);
  }

  valueOf(label: string, number: number): string | undefined {
    return this.#values.get(placeholder(label, number));
  }

  /** True when a value that is replaced elsewhere stands in the text. */
  isIn(text: string): boolean {
    return (
      text !== "" &&
      this.#finder.find(text, this.#time).some(({ start, end }) => this.#placeholders.has(text.slice(start, end)))
    );
  }

  /** The text with placeholders for what is to be hidden. */
  hide(text: string, options: HideOptions = {}): string {
    return this.hiding(text, options).text;
  }

  hiding(text: string, { field, ownPlaceholders = false }: HideOptions = {}): Hidden {
    const shifts = new Shifts();
    const found = this.#finder.findIn(text, field, this.#time);
    const clashing = ownPlaceholders ? [] : this.#clashesIn(text, found);
    const pieces =
      clashing.length === 0 ? found : [...found, ...clashing].sort((one, other) => one.start - other.start);
    if (pieces.length === 0) return { text, shifts };
    let hidden = "";
    let at = 0;
    for (const { start, end, label } of pieces) {
      const written = this.#placeholderOf(text.slice(start, end), label);
      shifts.add(start, end, written.length);
      hidden += text.slice(at, start) + written;
      at = end;
    }
    return { text: hidden + text.slice(at), shifts };
  }

  /** What looks like a placeholder that stands for something is replaced as well; others are not given out any more. */
  #clashesIn(text: string, found: readonly Found[]): Found[] {
    const clashing: Found[] = [];
    for (const { start, end, label, number } of this.reader.alike(text)) {
      const written = placeholder(label, number);
      if (!this.#values.has(written)) this.#taken.add(written);
      else if (!isWithin(found, start, end)) clashing.push({ start, end, label });
    }
    return clashing;
  }

  #placeholderOf(value: string, label: string): string {
    const known = this.#placeholders.get(value);
    if (known !== undefined) return known;
    let number = this.#last.get(label) ?? 0;
    let written: string;
    do written = placeholder(label, ++number);
    while (this.#taken.has(written));
    this.#last.set(label, number);
    this.#counts.set(label, (this.#counts.get(label) ?? 0) + 1);
    this.#placeholders.set(value, written);
    this.#values.set(written, value);
    return written;
  }
}

/** Whether one of `found`, which are in order, reaches into the piece; searched by halves, since a text may hold thousands of both. */
function isWithin(found: readonly Found[], start: number, end: number): boolean {
  let low = 0;
  let high = found.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((found[middle]?.end ?? 0) > start) high = middle;
    else low = middle + 1;
  }
  const next = found[low];
  return next !== undefined && next.start < end;
}
