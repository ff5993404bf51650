import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { stepName, timeTicks } from "./ticks.ts";

const at = (day: number, hours: number, minutes = 0, seconds = 0) =>
  new Date(2026, 10, day, hours, minutes, seconds).getTime();

test("ticks tell the time of day, and the day where it begins", () => {
  const ticks = [at(27, 18), at(28, 0), at(28, 6, 30)].map((ms) => ms / 1000);
  deepEqual(timeTicks(ticks), ["18:00", "Nov 28", "06:30"]);
  deepEqual(timeTicks([at(27, 12), at(28, 12)].map((ms) => ms / 1000)), ["Nov 27", "Nov 28"]);
  deepEqual(timeTicks([at(28, 14, 5, 0), at(28, 14, 5, 30)].map((ms) => ms / 1000)), ["14:05:00", "14:05:30"]);
  deepEqual(timeTicks([at(28, 14, 5) / 1000]), ["14:05"]);
  deepEqual(timeTicks([]), []);
});

test("a step says from when to when, with its day when that is not today, with seconds when it is short", () => {
  equal(stepName(at(28, 14, 5), 60_000, at(28, 15)), "14:05 – 14:06");
  equal(stepName(at(27, 14), 4 * 3_600_000, at(28, 15)), "Nov 27, 14:00 – 18:00");
  equal(stepName(at(28, 14), 15_000, at(28, 15)), "14:00:00 – 14:00:15");
});
