import { deepEqual, equal, ok } from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { type BreakerConfig, breakerSchema } from "../config/config.ts";
import { Breaker } from "./breaker.ts";

const CONFIG = breakerSchema.parse({});

function fails(breaker: Breaker, times: number, nowMs: number): string | undefined {
  let reason: string | undefined;
  for (let at = 0; at < times; at++) reason = breaker.failed(nowMs);
  return reason;
}

/** Opens it, and has as many probes fail. Returns how long each pause was, and when the last one is over. */
function pauses(breaker: Breaker, probes: number, fromMs: number): { lengths: number[]; endMs: number } {
  fails(breaker, 5, fromMs);
  let nowMs = fromMs;
  const lengths = [breaker.pauseMs(nowMs)];
  for (let at = 0; at < probes; at++) {
    nowMs += breaker.pauseMs(nowMs);
    ok(breaker.sent(nowMs));
    breaker.failed(nowMs);
    lengths.push(breaker.pauseMs(nowMs));
  }
  return { lengths, endMs: nowMs + breaker.pauseMs(nowMs) };
}

describe("a breaker", () => {
  test("opens after five failures in a row, for a second", () => {
    const breaker = new Breaker(CONFIG);
    equal(fails(breaker, 4, 100), undefined);
    breaker.succeeded(100);
    equal(fails(breaker, 4, 100), undefined);
    ok(breaker.admits(100));
    equal(breaker.failed(100), "5 failures in a row");
    deepEqual([breaker.admits(1_099), breaker.admits(1_100)], [false, true]);
    deepEqual([breaker.state(1_099), breaker.state(1_100)], ["open", "probing"]);
  });

  test("opens when more than half of at least twenty requests failed within ten seconds", () => {
    const breaker = new Breaker(CONFIG);
    const both = (times: number, nowMs: number) => {
      for (let at = 0; at < times; at++) {
        breaker.succeeded(nowMs);
        equal(breaker.failed(nowMs), undefined);
      }
    };
    both(9, 0);
    equal(breaker.failed(0), undefined, "19 requests are too few to judge by");
    const old = new Breaker(CONFIG);
    fails(old, 4, 0);
    both(30, 20_000);
    equal(breaker.failed(20_000), "31 of 61 requests failed within 10 s");
  });

  test("failures that are older than its window are not counted", () => {
    const breaker = new Breaker({ ...CONFIG, consecutive_failures: 1_000 });
    fails(breaker, 19, 0);
    for (let at = 0; at < 25; at++) breaker.succeeded(15_000);
    equal(fails(breaker, 19, 15_000), undefined);
  });

  test("lets one probe through when its pause is over, and nothing else until that ends", () => {
    const breaker = new Breaker(CONFIG);
    fails(breaker, 5, 0);
    equal(breaker.sent(1_000), true);
    deepEqual([breaker.admits(1_000), breaker.admits(600_000)], [false, false]);
    breaker.cancelled();
    ok(breaker.admits(1_000));
    breaker.sent(1_000);
    ok(breaker.succeeded(1_200));
    deepEqual([breaker.admits(1_200), breaker.state(1_200)], [true, "closed"]);
    equal(fails(breaker, 4, 1_200), undefined, "what led to the pause is forgotten");
  });

  test("each failed probe makes its pause twice as long, up to a minute", () => {
    const { lengths } = pauses(new Breaker(CONFIG), 8, 0);
    deepEqual(
      lengths,
      [1, 2, 4, 8, 16, 32, 60, 60, 60].map((s) => s * 1000),
    );
  });

  test("opening anew soon goes on with the longer pause; well for a minute, it begins short", () => {
    for (const [well, pause] of [
      [59_999, 8_000],
      [60_000, 1_000],
    ] as const) {
      const breaker = new Breaker(CONFIG);
      const { endMs } = pauses(breaker, 2, 0);
      breaker.sent(endMs);
      breaker.succeeded(endMs);
      ok(fails(breaker, 5, endMs + well));
      equal(breaker.pauseMs(endMs + well), pause);
    }
  });

  test("answers to what was asked before neither close it nor make its pause longer", () => {
    const breaker = new Breaker(CONFIG);
    fails(breaker, 5, 0);
    equal(breaker.succeeded(10), false);
    fails(breaker, 20, 10);
    equal(breaker.pauseMs(0), 1_000);
    equal(breaker.succeeded(5_000), false);
    ok(breaker.admits(5_000));
  });

  test("asked in its pause for want of another target it closes when it answers", () => {
    const breaker = new Breaker(CONFIG);
    fails(breaker, 5, 0);
    equal(breaker.sent(10), false);
    breaker.failed(20);
    equal(breaker.pauseMs(20), 980);
    breaker.sent(30);
    ok(breaker.succeeded(40));
    ok(breaker.admits(40));
  });

  test("turned off it closes and stays closed; a new window begins empty", () => {
    const breaker = new Breaker(CONFIG);
    fails(breaker, 5, 0);
    ok(breaker.configure({ ...CONFIG, enabled: false }, 0));
    equal(fails(breaker, 500, 0), undefined);
    equal(breaker.configure(CONFIG, 0), false);
    fails(breaker, 4, 0);
    equal(breaker.configure({ ...CONFIG, window_s: 1 }, 0), false);
    equal(fails(breaker, 4, 0), undefined);
    ok(breaker.failed(0));
  });

  test("whatever happens, at most one is out while it is not closed, and a pause is within its bounds", () => {
    const config: BreakerConfig = { ...CONFIG, consecutive_failures: 2, min_requests: 4, first_pause_s: 0.5 };
    const step = fc.record({
      ms: fc.integer({ min: 0, max: 3_000 }),
      ends: fc.constantFrom<("succeeded" | "failed" | "cancelled" | "waits")[]>(
        "succeeded",
        "failed",
        "failed",
        "cancelled",
        "waits",
      ),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const breaker = new Breaker(config);
        let nowMs = 0;
        let probeIsOut = false;
        for (const { ms, ends } of steps) {
          nowMs += ms;
          const wasOpen = !breaker.isClosed;
          if (breaker.admits(nowMs)) {
            ok(!probeIsOut, "a second probe");
            equal(breaker.sent(nowMs), wasOpen);
            probeIsOut = wasOpen;
          } else if (!probeIsOut) continue;
          if (ends === "waits" && probeIsOut) continue;
          if (ends === "succeeded") equal(breaker.succeeded(nowMs), probeIsOut);
          else if (ends === "failed") breaker.failed(nowMs);
          else breaker.cancelled();
          if (ends === "failed" && probeIsOut) equal(breaker.state(nowMs), "open");
          probeIsOut = false;
          const pause = breaker.pauseMs(nowMs);
          ok(breaker.state(nowMs) === "open" ? pause >= 500 && pause <= 60_000 : pause === 0 || wasOpen);
        }
      }),
    );
  });
});
