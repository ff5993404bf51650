import type { Random } from "../core/clock.ts";

/**
 * Highest score first, ties in the order given. Picks one at a time instead of sorting: most requests only take the first,
 * and measured scores may change between two looks anyway.
 */
export function* bestFirst<T extends object>(items: readonly T[], score: (item: T) => number): Generator<T> {
  const left = [...items];
  while (left.length > 0) {
    let at = 0;
    let best = Number.NEGATIVE_INFINITY;
    for (const [index, item] of left.entries()) {
      const value = score(item);
      if (value > best) {
        best = value;
        at = index;
      }
    }
    yield* left.splice(at, 1);
  }
}

/** Each once, in random order, drawn as asked for. */
export function* shuffled<T extends object>(items: readonly T[], random: Random): Generator<T> {
  const left = [...items];
  while (left.length > 0) yield* left.splice(Math.floor(random() * left.length), 1);
}
