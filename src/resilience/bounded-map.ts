/** A map by names that come from outside: a client may invent a million models, and gets no more memory for it. */
export class BoundedMap<V> {
  readonly #max: number;
  readonly #isNeeded: (value: V) => boolean;
  /** The oldest first. */
  readonly #values = new Map<string, V>();

  /** What is needed is given up last. */
  constructor(max: number, isNeeded: (value: V) => boolean) {
    this.#max = max;
    this.#isNeeded = isNeeded;
  }

  get size(): number {
    return this.#values.size;
  }

  get(key: string): V | undefined {
    return this.#values.get(key);
  }

  set(key: string, value: V): void {
    if (this.#values.size >= this.#max && !this.#values.has(key)) this.#makeRoom();
    this.#values.set(key, value);
  }

  entries(): Iterable<[string, V]> {
    return this.#values.entries();
  }

  /** Of the oldest a tenth at once, so that not every new name has to look through all of them. */
  #makeRoom(): void {
    let surplus = Math.ceil(this.#max / 10);
    for (const [key, value] of this.#values) {
      if (this.#isNeeded(value)) continue;
      this.#values.delete(key);
      if (--surplus === 0) return;
    }
    for (const key of this.#values.keys()) {
      if (this.#values.size < this.#max) return;
      this.#values.delete(key);
    }
  }
}
