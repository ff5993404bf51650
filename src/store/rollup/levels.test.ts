import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { seeded } from "../../../test/support/log-records.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";
import { Histogram } from "./histogram.ts";
import { fewestSteps, LEVELS, rangeOf } from "./levels.ts";

test("any range has 200 points at most, holds what was asked for, and is the sum of its parts", () => {
  const random = seeded(5);
  for (let times = 0; times < 2_000; times++) {
    const now = 1_790_000_000_000 + Math.floor(random() * 1e9);
    const until = now - Math.floor(random() ** 4 * 1e10);
    const since = until - Math.floor(Math.exp(random() * 26));
    const range = rangeOf(since, until, now);
    ok((range.untilMs - range.sinceMs) / range.stepMs <= 201, `${since} ${until}`);
    ok(range.sinceMs <= since && range.untilMs >= until);
    ok(range.sinceMs >= now - range.level.keepMs, "it is still known");
    equal(range.stepMs % range.level.stepMs, 0);
    let at = range.sinceMs;
    for (const { stepMs, sinceMs, untilMs } of fewestSteps(range)) {
      equal(sinceMs, at);
      ok(untilMs > sinceMs && stepMs >= range.level.stepMs && LEVELS.some((level) => level.stepMs === stepMs));
      deepEqual([sinceMs % stepMs, untilMs % stepMs], [0, 0]);
      at = untilMs;
    }
    equal(at, range.untilMs);
  }
});

test("a duration is told within 5 %, up to weeks, also after it was stored", () => {
  for (let value = 0; value < 3_500_000_000; value = value < 3_000 ? value + 1 : Math.ceil(value * 1.0037)) {
    const histogram = new Histogram();
    histogram.add(value);
    const bytes = new ByteWriter();
    histogram.pack(bytes);
    const stored = new Histogram();
    stored.unpack(new ByteReader(bytes.bytes()));
    const [told = -1] = stored.percentiles([50]) ?? [];
    ok(Math.abs(told - value) <= value * 0.05, `${value} is told as ${told}`);
  }
});

test("numbers of any size are read as they were written", () => {
  const numbers = [0, 1, 127, 128, 16_383, 16_384, 2 ** 31, 2 ** 40 + 5, Number.MAX_SAFE_INTEGER];
  const bytes = new ByteWriter();
  for (let times = 0; times < 500; times++) for (const number of numbers) bytes.number(number);
  const reader = new ByteReader(bytes.bytes());
  for (let times = 0; times < 500; times++) for (const number of numbers) equal(reader.number(), number);
  equal(reader.number(), 0);
});
