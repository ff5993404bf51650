import type { Random } from "../../src/core/clock.ts";

/** A whole number from 0, less than `limit`. */
export function below(limit: number, random: Random): number {
  return Math.floor(random() * limit);
}

/** Undefined only of none. */
export function oneOf<T>(items: readonly T[], random: Random): T | undefined {
  return items[below(items.length, random)];
}
