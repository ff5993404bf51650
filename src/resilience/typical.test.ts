import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { FakeClock } from "../../test/support/fake-clock.ts";
import { Typicals } from "./typical.ts";

const SMALL = 100;
const LARGE = 500_000;

function seen(values: readonly number[], bytes = SMALL) {
  const clock = new FakeClock();
  const typicals = new Typicals(clock);
  for (const value of values) typicals.observe("p", "m", value, bytes);
  return { clock, typicals, of: (size = SMALL) => typicals.of("p", "m", size)?.value };
}

test("fewer than five samples say nothing; then their median does, not their mean", () => {
  equal(seen([1, 2, 3, 4]).of(), undefined);
  equal(seen([1, 2, 3, 4, 1_000_000]).of(), 3);
  equal(seen([]).typicals.of("other", "m", SMALL), undefined);
});

test("a prompt's own size counts where enough of it was seen, else all sizes", () => {
  const { clock, typicals, of } = seen(Array(8).fill(10));
  for (let at = 0; at < 4; at++) typicals.observe("p", "m", 900, LARGE);
  clock.advance(1_000);
  equal(of(LARGE), 10, "four are too few");
  for (let at = 0; at < 2; at++) typicals.observe("p", "m", 900, LARGE);
  clock.advance(1_000);
  equal(of(LARGE), 900);
  equal(of(SMALL), 10);
});

test("what was seen long ago counts less, then not at all", () => {
  const { clock, typicals, of } = seen(Array(20).fill(100));
  clock.advance(10 * 60_000);
  // Twenty at a quarter each are five: now seven new ones outweigh them.
  for (let at = 0; at < 7; at++) typicals.observe("p", "m", 900, SMALL);
  clock.advance(1_000);
  equal(of(), 900);
  clock.advance(16 * 60_000);
  equal(of(), undefined);
});

test("the weighted median is what an independent count of shares says", () => {
  const sample = fc.record({ value: fc.integer({ min: 1, max: 50 }), waitMs: fc.integer({ min: 0, max: 20_000 }) });
  fc.assert(
    fc.property(fc.array(sample, { minLength: 30, maxLength: 100 }), (samples) => {
      const clock = new FakeClock();
      const typicals = new Typicals(clock);
      const at = samples.map(({ value, waitMs }) => {
        clock.advance(waitMs);
        typicals.observe("p", "m", value, SMALL);
        return { value, ms: clock.nowMs() };
      });
      const recent = at.filter(({ ms }) => clock.nowMs() - ms <= 15 * 60_000);
      const share = (take: (value: number) => boolean) =>
        recent
          .filter(({ value }) => take(value))
          .reduce((sum, { ms }) => sum + 2 ** ((ms - clock.nowMs()) / 300_000), 0);
      const median = typicals.of("p", "m", SMALL)?.value;
      if (median === undefined) return ok(recent.length < 5);
      const half = share(() => true) / 2;
      ok(share((value) => value <= median) >= half - 1e-9, "half lies at or below it");
      ok(share((value) => value < median) < half + 1e-9, "and less than half below");
    }),
  );
});

test("who is asked all the time knows the same as who is asked for the first time", () => {
  const steps = fc.array(
    fc.record({
      value: fc.option(fc.integer({ min: 1, max: 5 })),
      bytes: fc.constantFrom(SMALL, LARGE),
      waitMs: fc.constantFrom(1_000, 1_001, 20_000, 300_000),
    }),
    { minLength: 5, maxLength: 40 },
  );
  fc.assert(
    fc.property(steps, (all) => {
      const clock = new FakeClock();
      const asked = new Typicals(clock);
      const fresh = new Typicals(clock);
      for (const { value, bytes, waitMs } of all) {
        for (const typicals of value === null ? [] : [asked, fresh]) typicals.observe("p", "m", value ?? 0, bytes);
        clock.advance(waitMs);
        asked.of("p", "m", SMALL);
      }
      for (const bytes of [SMALL, LARGE]) deepEqual(asked.of("p", "m", bytes), fresh.of("p", "m", bytes));
    }),
  );
});
