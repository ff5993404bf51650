import { equal, ok } from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { FakeClock } from "../../test/support/fake-clock.ts";
import { RetryBudget } from "./retry-budget.ts";

function taken(budget: RetryBudget, tries: number): number {
  let count = 0;
  for (let at = 0; at < tries; at++) if (budget.tryTake()) count++;
  return count;
}

describe("the retry budget", () => {
  test("without any load there is the reserve, once in a window", () => {
    const clock = new FakeClock();
    const budget = new RetryBudget(clock, { share: 0.2 });
    equal(taken(budget, 50), 10);
    clock.advance(9_999);
    equal(taken(budget, 50), 0);
    clock.advance(1_001);
    equal(taken(budget, 50), 10);
  });

  test("each five requests deposit one retry, which expires with them", () => {
    const clock = new FakeClock();
    const budget = new RetryBudget(clock, { share: 0.2, reserve: 0 });
    for (let at = 0; at < 100; at++) budget.requested();
    equal(taken(budget, 5), 5);
    clock.advance(5_000);
    equal(taken(budget, 50), 15);
    clock.advance(11_000);
    for (let at = 0; at < 10; at++) budget.requested();
    equal(taken(budget, 50), 2);
    clock.advance(60 * 60_000);
    equal(taken(budget, 50), 0);
  });

  test("a new share holds for what was asked before", () => {
    const budget = new RetryBudget(new FakeClock(), { share: 0, reserve: 0 });
    for (let at = 0; at < 10; at++) budget.requested();
    equal(taken(budget, 50), 0);
    budget.configure({ share: 0.5 });
    equal(taken(budget, 50), 5);
  });

  test("with a dead provider, 50 requests a second and 3 tries each, the load is 1.2 times and the reserve", () => {
    const clock = new FakeClock();
    const budget = new RetryBudget(clock, { share: 0.2 });
    let sent = 0;
    for (let at = 0; at < 3_000; at++) {
      budget.requested();
      sent += 1 + taken(budget, 2);
      clock.advance(20);
    }
    ok(sent <= 3_000 * 1.2 + 10 * 7, `${sent}`);
    ok(sent >= 3_000 * 1.15, `${sent}: it is used, too`);
  });

  test("whatever comes when: in no window more than its share and the reserve", () => {
    const step = fc.record({ ms: fc.integer({ min: 0, max: 700 }), isRetry: fc.boolean(), times: fc.nat(8) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), fc.double({ min: 0, max: 1, noNaN: true }), (steps, share) => {
        const clock = new FakeClock();
        const budget = new RetryBudget(clock, { share, reserve: 3, windowMs: 2_000 });
        const requests: number[] = [];
        const retries: number[] = [];
        for (const { ms, isRetry, times } of steps) {
          clock.advance(ms);
          const nowMs = clock.nowMs();
          const inWindow = (at: number) => at > nowMs - 2_000;
          for (let at = 0; at < times; at++) {
            if (!isRetry) {
              budget.requested();
              requests.push(nowMs);
            } else if (budget.tryTake()) {
              retries.push(nowMs);
              ok(retries.filter(inWindow).length <= share * requests.filter(inWindow).length + 3);
            }
          }
        }
      }),
    );
  });
});
