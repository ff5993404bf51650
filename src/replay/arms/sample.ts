import { seededRandom } from "../../core/seeded-random.ts";

/** How many groups are told apart; classifiers set as many combinations of tags as they like. */
const MAX_GROUPS = 200;
const OTHERS = "(others)";

interface Drawn<T> {
  item: T;
  /** The lowest go first. */
  lot: number;
}

interface Group<T> {
  count: number;
  /** No more than may be wanted of it, the lowest lot first. */
  drawn: Drawn<T>[];
}

/**
 * A sample by groups: each has at least one in it where there is room, the rest is in proportion. An item's lot follows from its
 * id and the seed alone, so the same log gives the same sample, and a log that has grown one much like it.
 */
export class Sample<T> {
  readonly #size: number;
  readonly #seed: number;
  readonly #groups = new Map<string, Group<T>>();

  constructor(size: number, seed: number) {
    this.#size = size;
    this.#seed = seed;
  }

  add(item: T, id: string, groupName: string): void {
    const group = this.#group(groupName);
    group.count++;
    const lot = seededRandom(this.#seed ^ hashOf(id))();
    const at = group.drawn.findIndex((other) => other.lot > lot);
    group.drawn.splice(at === -1 ? group.drawn.length : at, 0, { item, lot });
    if (group.drawn.length > this.#size) group.drawn.pop();
  }

  /** One of each group before a second of any: whoever stops early has seen something of all. */
  items(): T[] {
    const groups = [...this.#groups.entries()].sort(
      ([a, one], [b, other]) => other.count - one.count || (a < b ? -1 : 1),
    );
    const left = groups.map(([, { count, drawn }]) => ({ count, drawn, taken: 0 }));
    const items: T[] = [];
    while (items.length < this.#size) {
      const next = left.filter(({ drawn, taken }) => taken < drawn.length).toSorted((a, b) => claim(b) - claim(a))[0];
      const drawn = next?.drawn[next.taken];
      if (!next || !drawn) break;
      next.taken++;
      items.push(drawn.item);
    }
    return items;
  }

  #group(name: string): Group<T> {
    const known = this.#groups.get(name);
    if (known) return known;
    if (this.#groups.size >= MAX_GROUPS && name !== OTHERS) return this.#group(OTHERS);
    const group: Group<T> = { count: 0, drawn: [] };
    this.#groups.set(name, group);
    return group;
  }
}

/** To the next place: Huntington and Hill's, as seats in the House of Representatives are given to states. */
function claim({ count, taken }: { count: number; taken: number }): number {
  return count / Math.sqrt(taken * (taken + 1));
}

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash;
}
