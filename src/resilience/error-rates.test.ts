import { equal, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { FakeClock } from "../../test/support/fake-clock.ts";
import { ErrorRates } from "./error-rates.ts";

function seen(outcomes: readonly string[]) {
  const clock = new FakeClock();
  const errors = new ErrorRates(clock);
  for (const outcome of outcomes) errors.observe("p", "m", outcome);
  return { clock, errors, of: () => errors.of("p", "m") };
}

const times = <T>(count: number, value: T): T[] => Array<T>(count).fill(value);

test("nothing below twenty attempts, then the share of those that failed", () => {
  equal(seen([...times(9, "ok"), ...times(10, "target")]).of(), undefined);
  const { errors, of } = seen([...times(14, "ok"), ...times(6, "target")]);
  equal(of()?.value, 0.3);
  equal(of()?.samples, 20);
  equal(errors.of("p", "other"), undefined);
  equal(errors.measured("p")[0]?.model, "m");
  errors.keep(new Set());
  equal(of(), undefined);
});

test("what is not the target's does not count", () => {
  for (const outcome of ["caller", "context", "client-gone", "cancelled", "busy", "constructor", ""])
    equal(seen([...times(20, "ok"), ...times(20, outcome)]).of()?.samples, 20, outcome);
  for (const outcome of ["rate-limit", "overloaded", "connect", "timeout", "cut", "quota", "credential", "not-found"])
    equal(seen([...times(20, "ok"), ...times(20, outcome)]).of()?.value, 0.5, outcome);
});

test("newer attempts count more, those of five minutes ago half, and none after fifteen", () => {
  const { clock, errors, of } = seen(times(30, "target"));
  clock.advance(5 * 60_000);
  for (let at = 0; at < 30; at++) errors.observe("p", "m", "ok");
  ok(Math.abs((of()?.value ?? 0) - 1 / 3) < 1e-9, String(of()?.value));
  clock.advance(10.5 * 60_000);
  equal(of()?.value, 0);
  clock.advance(60 * 60_000);
  equal(of(), undefined);
});

test("it agrees with weighing each attempt by its age, told in order or late", () => {
  const attempt = fc.record({ agoMs: fc.integer({ min: 0, max: 1_200_000 }), failed: fc.boolean() });
  fc.assert(
    fc.property(fc.array(attempt, { minLength: 20, maxLength: 80 }), fc.nat(3_600_000), (attempts, startMs) => {
      const clock = new FakeClock();
      clock.advance(startMs);
      const errors = new ErrorRates(clock);
      for (const { agoMs, failed } of attempts) errors.observe("p", "m", failed ? "target" : "ok", agoMs);
      const slotOf = (ms: number) => Math.floor(ms / 30_000);
      const ages = attempts.map(({ agoMs, failed }) => ({ age: slotOf(startMs) - slotOf(startMs - agoMs), failed }));
      const recent = ages.filter(({ age }) => age < 30);
      const weigh = (some: typeof recent) => some.reduce((sum, { age }) => sum + 0.5 ** (age / 10), 0);
      const rate = errors.of("p", "m");
      equal(rate?.samples, recent.length < 20 ? undefined : recent.length);
      if (rate) ok(Math.abs(rate.value - weigh(recent.filter(({ failed }) => failed)) / weigh(recent)) < 1e-9);
    }),
  );
});
