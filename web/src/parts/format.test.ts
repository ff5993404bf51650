import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { agoText, countText, durationText, moneyText, percentText } from "./format.ts";

test("durations", () => {
  deepEqual([0, 840.4, 3_210, 31_000, 125_000, 7_260_000].map(durationText), [
    "0 ms",
    "840 ms",
    "3.21 s",
    "31.0 s",
    "2 min 5 s",
    "2 h 1 min",
  ]);
});

test("counts", () => {
  deepEqual([0, 950, 9_999, 12_400, 999_000, 3_100_000, 2e9].map(countText), [
    "0",
    "950",
    "9,999",
    "12.4k",
    "999k",
    "3.1M",
    "2.0G",
  ]);
});

test("money: never rounded to nothing", () => {
  deepEqual([0, 12.4, 1_234.5, 0.25, 0.0031, 0.000_04, 0.000_000_2].map(moneyText), [
    "$0",
    "$12.40",
    "$1,235",
    "$0.25",
    "$0.0031",
    "$0.000040",
    "<$0.000001",
  ]);
});

test("times gone by, and shares", () => {
  deepEqual([0, 12_000, 200_000, 5 * 3_600_000, 50 * 3_600_000].map(agoText), [
    "now",
    "12 s ago",
    "3 min ago",
    "5 h ago",
    "2 d ago",
  ]);
  deepEqual([0, 0.004, 0.12, 1].map(percentText), ["0 %", "0.4 %", "12 %", "100 %"]);
});
