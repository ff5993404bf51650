import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../../test/support/fake-clock.ts";
import { Latencies } from "./latencies.ts";

/** As many as asked for, from 1 ms up. */
function observed(latencies: Latencies, count: number, model = "m"): void {
  for (let ms = 1; ms <= count; ms++) latencies.observe("p", model, ms);
}

test("below 20 samples nothing is known, and each target has its own", () => {
  const clock = new FakeClock();
  const latencies = new Latencies(clock);
  equal(latencies.p95("p", "m"), undefined);
  observed(latencies, 19);
  equal(latencies.p95("p", "m"), undefined);
  latencies.observe("p", "m", 20);
  clock.advance(1_000);
  equal(latencies.p95("p", "m"), 19);
  deepEqual([latencies.p95("p", "other"), latencies.p95("other", "m")], [undefined, undefined]);
  observed(latencies, 100, "n");
  latencies.observe("p", "new", 5);
  deepEqual(latencies.measured("p"), [
    { model: "m", samples: 20, p50Ms: 10, p95Ms: 19 },
    { model: "n", samples: 100, p50Ms: 50, p95Ms: 95 },
    { model: "new", samples: 1, p50Ms: 5, p95Ms: undefined },
  ]);
  deepEqual(latencies.measured("other"), []);
  clock.advance(16 * 60_000);
  deepEqual(latencies.measured("p"), []);
});

test("the last 128 count, worked out once a second at most", () => {
  const clock = new FakeClock();
  const latencies = new Latencies(clock);
  observed(latencies, 100);
  equal(latencies.p95("p", "m"), 95);
  for (let at = 0; at < 128; at++) latencies.observe("p", "m", 1_000);
  equal(latencies.p95("p", "m"), 95);
  clock.advance(1_000);
  equal(latencies.p95("p", "m"), 1_000);
});

test("what is older than a quarter of an hour says nothing any more", () => {
  const clock = new FakeClock();
  const latencies = new Latencies(clock);
  observed(latencies, 30);
  clock.advance(15 * 60_000 + 1);
  observed(latencies, 19);
  equal(latencies.p95("p", "m"), undefined);
  latencies.observe("p", "m", 7);
  clock.advance(1_000);
  equal(latencies.p95("p", "m"), 18);
});

test("a million invented models cost no more than a thousand, and the measured ones stay", () => {
  const clock = new FakeClock();
  const latencies = new Latencies(clock);
  observed(latencies, 40);
  for (let at = 0; at < 1_000_000; at++) latencies.observe("p", `invented ${at}`, at);
  equal(latencies.p95("p", "m"), 38);
});
