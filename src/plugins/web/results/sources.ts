import type { Found } from "../backends/backend.ts";

/** A page that the model was shown, by the number it was shown with. */
export interface Source extends Found {
  number: number;
}

/** What the model of one exchange was shown: only this may be cited. Numbers are never given twice. */
export class Sources {
  readonly #byNumber = new Map<number, Source>();
  readonly #byUrl = new Map<string, Source>();
  #last = 0;

  get size(): number {
    return this.#byNumber.size;
  }

  /** Numbers what was found, going on from what there is. */
  number(found: readonly Found[]): Source[] {
    return found.map((one) => this.#add({ ...one, number: this.#last + 1 }));
  }

  /** Shown before, under numbers it has. */
  restore(sources: readonly Source[]): void {
    for (const source of sources) this.#add(source);
  }

  byNumber(number: number): Source | undefined {
    return this.#byNumber.get(number);
  }

  /** However the model wrote the address. */
  byUrl(url: string): Source | undefined {
    const key = keyOf(url);
    return key === undefined ? undefined : this.#byUrl.get(key);
  }

  #add(source: Source): Source {
    this.#last = Math.max(this.#last, source.number);
    this.#byNumber.set(source.number, source);
    const key = keyOf(source.url);
    if (key !== undefined && !this.#byUrl.has(key)) this.#byUrl.set(key, source);
    return source;
  }
}

/** Models drop slashes at the end, fragments, and the `s` of https. */
function keyOf(url: string): string | undefined {
  const at = URL.parse(url);
  return at ? `${at.host}${at.pathname.replace(/\/+$/, "")}${at.search}` : undefined;
}
