/** One of those under way. */
export interface Placed {
  /** Where it stands in the list; only the list writes it. */
  place: number;
}

/**
 * What is under way, in no order. Not a `Set`: a set that changes with each request leaves tables behind, each of which points to the next
 * and to all that stood in it. Once one of them is in the old generation, every request after it is kept alive until the next full collection,
 * and copied by two small ones: that took a third of the CPU time of a small request.
 */
export class Passages<T extends Placed> implements Iterable<T> {
  readonly #list: T[] = [];

  get size(): number {
    return this.#list.length;
  }

  add(one: T): void {
    one.place = this.#list.length;
    this.#list.push(one);
  }

  delete(one: T): void {
    if (this.#list[one.place] !== one) return;
    const last = this.#list.pop();
    if (last === undefined || last === one) return;
    this.#list[one.place] = last;
    last.place = one.place;
  }

  find(wanted: (one: T) => boolean): T | undefined {
    return this.#list.find(wanted);
  }

  /** Those that are there now: some may end while they are looked at. */
  [Symbol.iterator](): Iterator<T> {
    return [...this.#list][Symbol.iterator]();
  }
}
