import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { count, counted, dollars, duration, percent, rate } from "./numbers.ts";

test("counts", () => {
  deepEqual([0, 7, 1234, 9999, 12_345, 999_600, 4_560_000, 1.5e9].map(count), [
    "0",
    "7",
    "1,234",
    "9,999",
    "12.3k",
    "1M",
    "4.56M",
    "1.5G",
  ]);
  deepEqual(
    [counted(1, "request"), counted(2, "request"), counted(0, "reply", "replies")],
    ["1 request", "2 requests", "0 replies"],
  );
});

test("durations", () => {
  deepEqual([null, 0, 0.44, 850, 999.6, 1240, 12_340, 59_960, 125_000, 3_600_000, 90_000_000].map(duration), [
    "–",
    "0 ms",
    "0.4 ms",
    "850 ms",
    "1 s",
    "1.24 s",
    "12.3 s",
    "1 min",
    "2 min 5 s",
    "1 h",
    "1 d 1 h",
  ]);
});

test("dollars keep two figures however small they are, and nothing unknown is a number", () => {
  deepEqual([null, 0, 0.000_000_1, 0.000_42, 0.0123, 0.5, 1.236, 1234.4, 250_000].map(dollars), [
    "–",
    "$0",
    "< $0.000001",
    "$0.00042",
    "$0.012",
    "$0.50",
    "$1.24",
    "$1,234",
    "$250k",
  ]);
});

test("a few are not none, and nearly all are not all", () => {
  deepEqual([0, 0.0001, 0.004, 0.12, 0.996, 0.9999, 1].map(percent), [
    "0 %",
    "< 0.1 %",
    "0.4 %",
    "12 %",
    "99.6 %",
    "> 99.9 %",
    "100 %",
  ]);
});

test("rates in the unit that gives at least one", () => {
  deepEqual(
    [rate(750, 60_000), rate(40, 60_000), rate(3, 3_600_000), rate(0, 60_000)],
    ["12.5/s", "40/min", "3/h", "0/min"],
  );
});
