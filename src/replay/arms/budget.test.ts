import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { Budget } from "./budget.ts";

test("what is set aside is not there for others, and what was spent neither", () => {
  const budget = new Budget(1);
  const hold = budget.hold(0.6);
  equal(budget.hold(0.5), undefined);
  hold?.settle(0.2);
  deepEqual([budget.spentUsd, budget.leftUsd], [0.2, 0.8]);
});

test("amounts that are none neither fill it up nor make it endless", () => {
  for (const absurd of [Number.NaN, -1, Number.POSITIVE_INFINITY]) {
    const budget = new Budget(1);
    equal(budget.hold(absurd), undefined);
    const hold = budget.hold(0.4);
    ok(hold);
    hold.settle(absurd);
    deepEqual([budget.spentUsd, budget.leftUsd], [0.4, 0.6]);
  }
});
