import type { Replacements } from "./replacements.ts";
import { Shifts } from "./shifts.ts";

/** Puts values back into one text as it comes. What may be the beginning of a placeholder is held until it is decided. */
export class TextRestorer {
  readonly shifts = new Shifts();
  readonly #replacements: Replacements;
  readonly #asJson: boolean;
  /** Not decided yet. */
  #held = "";
  /** The character before it. */
  #before = "";
  /** Where it stands in the text as it came. */
  #at = 0;

  /** `asJson`: the text is JSON, in whose strings the values have to be escaped. */
  constructor(replacements: Replacements, { asJson = false } = {}) {
    this.#replacements = replacements;
    this.#asJson = asJson;
  }

  push(text: string): string {
    return this.#go(text, false);
  }

  /** What was held, at the end of the text. */
  flush(): string {
    return this.#held === "" ? "" : this.#go("", true);
  }

  #go(more: string, final: boolean): string {
    const { reader } = this.#replacements;
    const text = this.#held + more;
    let restored = "";
    let done = 0;
    for (let at = reader.next(text, 0); at !== -1; ) {
      const read = reader.read(text, at, text[at - 1] ?? this.#before, final);
      if (read === "more") {
        restored += text.slice(done, at);
        this.#keep(text, at);
        return restored;
      }
      const value = read && this.#replacements.valueOf(read.label, read.number);
      if (read && value !== undefined) {
        const written = this.#asJson ? JSON.stringify(value).slice(1, -1) : value;
        this.shifts.add(this.#at + at, this.#at + read.end, written.length);
        restored += text.slice(done, at) + written;
        done = read.end;
        at = reader.next(text, done);
      } else at = reader.next(text, at + 1);
    }
    restored += text.slice(done);
    this.#keep(text, text.length);
    return restored;
  }

  #keep(text: string, from: number): void {
    this.#before = from > 0 ? (text[from - 1] ?? "") : this.#before;
    this.#at += from;
    this.#held = text.slice(from);
  }
}

/** A whole text with its values back. */
export function restore(text: string, replacements: Replacements, { asJson = false } = {}): string {
  const restorer = new TextRestorer(replacements, { asJson });
  return restorer.push(text) + restorer.flush();
}
