import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ALIKE, CHANGES, HOUR_MS, TROUBLE } from "./scenarios.ts";
import { type Simulated, type Simulation, secondsUntil, simulate } from "./simulated-fleet.ts";

function simulated(from: Readonly<Record<string, Simulation>>, name: string): Simulated {
  const scenario = from[name];
  assert.ok(scenario, name);
  return simulate(scenario);
}

describe("who gets worse is left within a stated time, gets back what it lost, and nothing goes to and fro", () => {
  const cases: readonly [fleet: string, leftWithinS: number, backWithinS: number, switches: number][] = [
    ["latency: ten times slower", 180, 300, 4],
    ["latency: ten times slower, in conversations", 180, 600, 40],
    ["throughput: a fifth of the speed", 180, 300, 4],
    ["fallback: four of ten fail", 300, 900, 6],
    ["fallback: all fail", 300, 900, 4],
  ];
  for (const [fleet, leftWithinS, backWithinS, most] of cases) {
    test(fleet, () => {
      const result = simulated(CHANGES, fleet);
      const [left, back] = [secondsUntil(result, "b", TROUBLE.fromMs), secondsUntil(result, "a", TROUBLE.untilMs)];
      assert.ok(left <= leftWithinS, `left after ${left} s`);
      assert.ok(back <= backWithinS, `back after ${back} s`);
      assert.ok(result.switches <= most, `${result.switches} switches`);
    });
  }
});

describe("between those that are alike nothing moves but by chance", () => {
  const cases: readonly [fleet: string, mostInThousand: number][] = [
    ["latency: three alike", 5],
    ["latency: three alike, in conversations", 0.1],
    ["latency: five that go up and down, each in its own hour", 5],
    ["throughput: three alike", 5],
    ["fallback: three alike, two of a hundred fail", 0.1],
  ];
  for (const [fleet, most] of cases) {
    test(fleet, () => {
      const { switches, chosen } = simulated(ALIKE, fleet);
      assert.ok((1_000 * switches) / chosen.length <= most, `${switches} switches in ${chosen.length}`);
    });
  }

  test("about two of a hundred are to see how the others do", () => {
    const { chosen, meant } = simulated(ALIKE, "latency: three alike");
    const explored = chosen.length - meant.length;
    assert.ok(explored > 60 && explored < 150, `${explored} explored`);
  });
});

test("prices that change by the hour are followed with the first request of the hour", () => {
  const { chosen, switches } = simulated(ALIKE, "price: one is cheap for eight hours of each day");
  for (const { atMs, name } of chosen) assert.equal(name, Math.floor(atMs / HOUR_MS) % 24 < 8 ? "night" : "day");
  assert.equal(switches, 4);
});

test("what is measured is better than a config that is wrong", () => {
  const { meant } = simulate({
    rule: { type: "latency" },
    members: {
      wrong: { config: { latency_ms: 100 }, latencyMs: () => 2_000 },
      right: { config: { latency_ms: 400 }, latencyMs: () => 400 },
    },
    requests: 1_000,
  });
  assert.ok(meant.slice(-500).filter(({ name }) => name === "right").length > 490);
});
