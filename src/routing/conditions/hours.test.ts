import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { DAYS, hoursSchema, timeZoneSchema } from "../../config/conditions.ts";
import { within } from "./hours.ts";

/** Sunday, 2026-11-29, in Berlin (one hour ahead of UTC). */
const at = (time: string, day = 29) => Date.parse(`2026-11-${day}T${time}:00+01:00`);
const berlin = (hours: string, days: readonly (typeof DAYS)[number][] = []) =>
  within({ hours, days, time_zone: "Europe/Berlin" });

test("hours begin with their first minute and end before their last", () => {
  const office = berlin("09:00-17:30");
  assert.deepEqual(
    ["08:59", "09:00", "17:29", "17:30"].map((time) => office(at(time))),
    [false, true, true, false],
  );
  assert.equal(berlin("00:00-24:00")(at("23:59")), true);
});

test("hours over midnight belong to the day on which they begin", () => {
  const saturdayNight = berlin("22:00-06:00", ["sat"]);
  assert.equal(saturdayNight(at("23:00", 28)), true);
  assert.equal(saturdayNight(at("05:59", 29)), true);
  assert.equal(saturdayNight(at("06:00", 29)), false);
  assert.equal(saturdayNight(at("23:00", 29)), false);
  assert.equal(saturdayNight(at("05:00", 28)), false);
});

test("the hour that a summer time skips or repeats is no trouble", () => {
  const night = berlin("02:00-03:00");
  assert.equal(night(Date.parse("2026-03-29T01:30:00Z")), false);
  assert.equal(night(Date.parse("2026-10-25T00:30:00Z")), true);
  assert.equal(night(Date.parse("2026-10-25T01:30:00Z")), true);
});

test("without a time zone the machine's holds: as an independent look at each minute of a week says", () => {
  const minute = fc.integer({ min: 0, max: 1439 });
  const text = (value: number) =>
    `${String(Math.floor(value / 60)).padStart(2, "0")}:${String(value % 60).padStart(2, "0")}`;
  fc.assert(
    fc.property(
      minute,
      minute,
      fc.subarray([...DAYS]),
      fc.integer({ min: 0, max: 7 * 1440 - 1 }),
      (from, to, days, now) => {
        fc.pre(from !== to);
        const wall = new Date(2026, 10, 1, 0, now);
        // Written out: go back minute by minute to where the hours began, if they did within a day.
        let expected = false;
        for (let back = 0; back < 1440 && !expected; back++) {
          const begin = new Date(2026, 10, 1, 0, now - back);
          const length = (to - from + 1440) % 1440;
          const begins = begin.getHours() * 60 + begin.getMinutes() === from && back < length;
          expected = begins && (days.length === 0 || days.some((day) => DAYS[begin.getDay()] === day));
        }
        assert.equal(within({ hours: `${text(from)}-${text(to)}`, days })(wall.getTime()), expected);
      },
    ),
  );
});

test("what is no time is refused", () => {
  for (const wrong of ["9:00-17:00", "09:00", "24:00-06:00", "09:00-09:00", "09:60-10:00"]) {
    assert.equal(hoursSchema.safeParse(wrong).success, false, wrong);
  }
  assert.equal(timeZoneSchema.safeParse("Mars/Olympus").success, false);
});
