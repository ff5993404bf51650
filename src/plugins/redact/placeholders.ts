/** A placeholder as it was read in a text. */
export interface Read {
  label: string;
  number: number;
  end: number;
}

const MAX_DIGITS = 6;
const MAX_ESCAPES = 2;

/** `[EMAIL_1]`: how what was replaced is written. */
export function placeholder(label: string, number: number): string {
  return `[${label}_${number}]`;
}

/**
 * Reads placeholders as models give them back: as they were, in other case, with Markdown's backslashes before `[`, `_` and `]`,
 * or in capitals without the brackets. What is more likely an index or a variable of code (`row[key_1]`, `$KEY_1`) is left alone.
 */
export class PlaceholderReader {
  readonly #labels: readonly string[];
  readonly #begins: RegExp;
  /** In brackets, and anywhere. */
  readonly #alike: readonly RegExp[];

  constructor(labels: readonly string[]) {
    // Longest first: KEY is the beginning of KEY_ID.
    this.#labels = labels.toSorted((one, other) => other.length - one.length);
    const firsts = [...new Set(labels.map((label) => label[0]))].join("");
    this.#begins = new RegExp(`[[\\\\${firsts}]`, "g");
    const names = this.#labels.map((label) => label.replaceAll("_", "\\\\{0,2}_")).join("|");
    const one = `(?:${names})\\\\{0,2}_\\d{1,${MAX_DIGITS}}`;
    this.#alike = labels.length === 0 ? [] : [new RegExp(`(?<=\\[)${one}`, "gi"), new RegExp(one, "g")];
  }

  /** Where a placeholder may begin, from there on; -1: nowhere. */
  next(text: string, from: number): number {
    this.#begins.lastIndex = from;
    return this.#begins.exec(text)?.index ?? -1;
  }

  /** What could be read as a placeholder, whatever stands around it. */
  alike(text: string): (Read & { start: number })[] {
    if (!text.includes("_")) return [];
    const found = new Map<number, Read & { start: number }>();
    for (const shape of this.#alike) {
      for (const { index: start, 0: written } of text.matchAll(shape)) {
        const plain = written.replaceAll("\\", "").toUpperCase();
        const cut = plain.lastIndexOf("_");
        const label = plain.slice(0, cut);
        found.set(start, { start, end: start + written.length, label, number: Number(plain.slice(cut + 1)) });
      }
    }
    return [...found.values()];
  }

  /**
   * The placeholder that begins there; `more`: it may be one, as far as the text goes (never when it is `final`). `before`: the
   * character in front.
   */
  read(text: string, at: number, before: string, final: boolean): Read | "more" | undefined {
    const bare = new Cursor(text, at, final);
    const escapes = bare.escapes();
    if (!bare.skip("[")) {
      if (bare.ranOut) return "more";
      return escapes === 0 ? this.#bare(text, at, before, final) : undefined;
    }
    const name = this.#name(bare, /[\w)\]]/.test(before));
    if (name === undefined) return bare.ranOut ? "more" : undefined;
    const closing = bare.escapes();
    if (!bare.skip("]")) return bare.ranOut ? "more" : undefined;
    return closing === escapes ? { ...name, end: bare.at } : undefined;
  }

  #bare(text: string, at: number, before: string, final: boolean): Read | "more" | undefined {
    if (/[\w$.{\\/-]/.test(before)) return undefined;
    const cursor = new Cursor(text, at, final);
    const name = this.#name(cursor, true);
    if (name === undefined || cursor.ranOut) return cursor.ranOut ? "more" : undefined;
    const after = cursor.peek();
    if (after === undefined && !final) return "more";
    return after !== undefined && /[\w=(\\-]/.test(after) ? undefined : { ...name, end: cursor.at };
  }

  #name(cursor: Cursor, exact: boolean): Omit<Read, "end"> | undefined {
    let ranOut = false;
    for (const label of this.#labels) {
      const one = cursor.fork();
      if (one.word(label, exact)) {
        one.escapes();
        const digits = one.skip("_") ? one.digits() : "";
        if (digits !== "") {
          cursor.at = one.at;
          return { label, number: Number(digits) };
        }
      }
      ranOut ||= one.ranOut;
    }
    cursor.ranOut = ranOut;
    return undefined;
  }
}

/** Reads on in a text that may go on. */
class Cursor {
  at: number;
  /** It wanted to read beyond the end. */
  ranOut = false;
  readonly #text: string;
  readonly #final: boolean;

  constructor(text: string, at: number, final: boolean) {
    this.#text = text;
    this.at = at;
    this.#final = final;
  }

  fork(): Cursor {
    return new Cursor(this.#text, this.at, this.#final);
  }

  peek(): string | undefined {
    return this.#text[this.at];
  }

  skip(char: string): boolean {
    const next = this.peek();
    if (next === undefined) this.ranOut ||= !this.#final;
    if (next !== char) return false;
    this.at++;
    return true;
  }

  escapes(): number {
    const from = this.at;
    while (this.at - from < MAX_ESCAPES && this.skip("\\"));
    return this.at - from;
  }

  digits(): string {
    const from = this.at;
    while (this.at - from <= MAX_DIGITS && /\d/.test(this.peek() ?? "")) this.at++;
    if (this.peek() === undefined && this.at - from <= MAX_DIGITS) this.ranOut ||= !this.#final;
    return this.at - from > MAX_DIGITS ? "" : this.#text.slice(from, this.at);
  }

  word(label: string, exact: boolean): boolean {
    for (const char of label) {
      if (char === "_") this.escapes();
      const next = this.peek();
      if (next === undefined) this.ranOut ||= !this.#final;
      if (next === undefined || (exact ? next : next.toUpperCase()) !== char) return false;
      this.at++;
    }
    return true;
  }
}
