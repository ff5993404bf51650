import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { countedText, rateText, shareOf } from "./rates.ts";

test("rates in the shortest unit that gives at least one", () => {
  deepEqual(
    [
      rateText(750, 60_000),
      rateText(300, 60_000),
      rateText(40, 60_000),
      rateText(3, 3_600_000),
      rateText(0, 60_000),
      rateText(1e6, 60_000),
    ],
    ["13/s", "5/s", "40/min", "3/h", "0/min", "16.7k/s"],
  );
});

test("shares of nothing are 0; one is not many", () => {
  deepEqual([shareOf(1, 4), shareOf(0, 0)], [0.25, 0]);
  deepEqual(
    [countedText(1, "error"), countedText(12_345, "error"), countedText(0, "reply", "replies")],
    ["1 error", "12.3k errors", "0 replies"],
  );
});
