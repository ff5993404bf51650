import type { Random } from "../core/clock.ts";

/**
 * Highest score first, ties in the order given; those without a score are left out. Picks one at a time instead of sorting: most
 * requests only take the first.
 */
export function* bestFirst<T extends object>(
  items: readonly T[],
  score: (item: T) => number | undefined,
): Generator<T> {
  const first = indexOfBest(items, score);
  const best = items[first];
  if (best === undefined) return;
  yield best;
  const left = items.toSpliced(first, 1);
  for (let at = indexOfBest(left, score); at !== -1; at = indexOfBest(left, score)) yield* left.splice(at, 1);
}

function indexOfBest<T>(items: readonly T[], score: (item: T) => number | undefined): number {
  let found = -1;
  let best = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < items.length; at++) {
    const item = items[at];
    const value = item === undefined ? undefined : score(item);
    if (value === undefined || (found !== -1 && value <= best)) continue;
    best = value;
    found = at;
  }
  return found;
}

/** Each once, in random order, drawn as asked for. */
export function* shuffled<T extends object>(items: readonly T[], random: Random): Generator<T> {
  const left = [...items];
  while (left.length > 0) yield* left.splice(Math.floor(random() * left.length), 1);
}
