import type { Member, Simulation } from "./simulated-fleet.ts";

// What happens to fleets, for tests and for `bench/fleets.ts`. One request a second, unless it says else.

/** The first provider is in trouble in this time, where a scenario says so. */
export const TROUBLE = { fromMs: 1_000_000, untilMs: 2_000_000 };
export const HOUR_MS = 3_600_000;

const inTrouble = (nowMs: number) => nowMs > TROUBLE.fromMs && nowMs <= TROUBLE.untilMs;
const ms = (usual: number, trouble = usual): Member => ({
  config: { latency_ms: usual },
  latencyMs: (now) => (inTrouble(now) ? trouble : usual),
});
const speed = (usual: number, trouble = usual): Member => ({
  config: { throughput_tokens_per_sec: usual },
  tokensPerSec: (now) => (inTrouble(now) ? trouble : usual),
});
const marked = (quality: number, usual: number, trouble = usual): Member => ({
  config: { quality },
  failing: (now) => (inTrouble(now) ? trouble : usual),
});

/** Somebody gets worse, and well again. */
export const CHANGES: Readonly<Record<string, Simulation>> = {
  "latency: ten times slower": {
    rule: { type: "latency" },
    members: { a: ms(300, 3_000), b: ms(600) },
    requests: 4_000,
  },
  "latency: ten times slower, in conversations": {
    rule: { type: "latency" },
    members: { a: ms(300, 3_000), b: ms(600) },
    requests: 4_000,
    conversations: 10,
  },
  "throughput: a fifth of the speed": {
    rule: { type: "throughput" },
    members: { a: speed(100, 20), b: speed(60) },
    requests: 4_000,
  },
  "fallback: four of ten fail": {
    rule: { type: "fallback" },
    members: { a: marked(90, 0.01, 0.4), b: marked(70, 0.01) },
    requests: 4_000,
  },
  "fallback: all fail": {
    rule: { type: "fallback" },
    members: { a: marked(90, 0, 1), b: marked(50, 0) },
    requests: 4_000,
  },
};

/** Nobody is better, or only by the hour: whoever moves moves for nothing. */
export const ALIKE: Readonly<Record<string, Simulation>> = {
  "latency: three alike": {
    rule: { type: "latency" },
    members: { a: ms(500), b: ms(500), c: ms(505) },
    requests: 5_000,
  },
  "latency: three alike, in conversations": {
    rule: { type: "latency" },
    members: { a: ms(500), b: ms(500), c: ms(505) },
    requests: 5_000,
    conversations: 10,
  },
  "latency: five that go up and down, each in its own hour": {
    rule: { type: "latency" },
    members: Object.fromEntries(
      ["a", "b", "c", "d", "e"].map((name, at): [string, Member] => [
        name,
        { config: { latency_ms: 500 }, latencyMs: (now) => (Math.floor(now / HOUR_MS) % 5 === at ? 1_500 : 500) },
      ]),
    ),
    requests: 6_000,
    everyMs: 3_000,
  },
  "throughput: three alike": {
    rule: { type: "throughput" },
    members: { a: speed(80), b: speed(80), c: speed(81) },
    requests: 5_000,
  },
  "fallback: three alike, two of a hundred fail": {
    rule: { type: "fallback" },
    members: { a: marked(80, 0.02), b: marked(80, 0.02), c: marked(80, 0.02) },
    requests: 5_000,
  },
  "price: one is cheap for eight hours of each day": {
    rule: { type: "price" },
    members: { day: { price: () => 5 }, night: { price: (now) => (Math.floor(now / HOUR_MS) % 24 < 8 ? 2 : 8) } },
    requests: 48 * 60,
    everyMs: 60_000,
  },
};
