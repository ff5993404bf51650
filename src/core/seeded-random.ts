import type { Random } from "./clock.ts";

/** Mulberry32 (Tommy Ettinger, public domain): small, fast, good enough for routes and failures, the same on every machine. */
export function seededRandom(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** For one request: all its draws follow from it. */
export function drawSeed(random: Random): number {
  return Math.floor(random() * 2 ** 32);
}
