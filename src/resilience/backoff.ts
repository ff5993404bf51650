import type { Random } from "../core/clock.ts";

const BASE_MS = 250;
const CAP_MS = 8_000;

/** How long to wait before the retry (from 1): full jitter, which spreads clients that failed together better than any other. */
export function fullJitterMs(retry: number, random: Random): number {
  return random() * Math.min(CAP_MS, BASE_MS * 2 ** (retry - 1));
}
