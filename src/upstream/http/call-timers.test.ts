import { deepEqual, equal } from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import type { Timer } from "../../core/clock.ts";
import { CallTimers, type Expiry } from "./call-timers.ts";

const LIMITS = { connect_ms: 100, first_byte_ms: 1_000, idle_ms: 300, total_ms: 5_000 };

function timers(limits: Partial<typeof LIMITS> = {}, clock = new FakeClock()) {
  const expired: [Expiry, number][] = [];
  const call = new CallTimers(
    clock,
    { ...LIMITS, ...limits },
    { expired: (which) => expired.push([which, clock.nowMs()]) },
    clock.nowMs(),
  );
  return { clock, call, expired };
}

describe("each runs out to the millisecond", () => {
  test("connect", () => {
    const { clock, expired } = timers();
    clock.advance(10_000);
    deepEqual(expired, [["connect", 100]]);
    equal(clock.pending, 0);
  });

  test("first byte, from when the connection stood", () => {
    const { clock, call, expired } = timers();
    clock.advance(60);
    call.sent(clock.nowMs());
    clock.advance(10_000);
    deepEqual(expired, [["first_byte", 1_060]]);
  });

  test("idle, from the last piece that counts", () => {
    const { clock, call, expired } = timers();
    call.sent(clock.nowMs());
    clock.advance(10);
    call.answering(clock.nowMs());
    for (let piece = 0; piece < 10; piece++) {
      clock.advance(299);
      call.fed();
    }
    deepEqual(expired, []);
    clock.advance(10_000);
    deepEqual(expired, [["idle", 10 + 10 * 299 + 300]]);
  });

  test("total, though something comes all the time", () => {
    const { clock, call, expired } = timers();
    call.sent(clock.nowMs());
    call.answering(clock.nowMs());
    for (let piece = 0; piece < 1_000; piece++) {
      clock.advance(10);
      call.fed();
    }
    deepEqual(expired, [["total", 5_000]]);
  });

  test("total counts while nobody reads, idle does not", () => {
    const { clock, call, expired } = timers();
    call.sent(clock.nowMs());
    call.answering(clock.nowMs());
    call.pause();
    clock.advance(2_000);
    call.resume();
    clock.advance(299);
    call.fed();
    call.pause();
    deepEqual(expired, []);
    clock.advance(10_000);
    deepEqual(expired, [["total", 5_000]]);
  });
});

test("0 turns each off; with all of them off there is no timer at all", () => {
  const { clock, call, expired } = timers({ connect_ms: 0, first_byte_ms: 0, idle_ms: 0, total_ms: 0 });
  call.sent(clock.nowMs());
  call.answering(clock.nowMs());
  call.pause();
  call.resume();
  equal(clock.pending, 0);
  clock.advance(10 ** 9);
  deepEqual(expired, []);
});

test("idle runs on after a pause during which no timer was left", () => {
  const { clock, call, expired } = timers({ total_ms: 0 });
  call.sent(clock.nowMs());
  call.answering(clock.nowMs());
  call.pause();
  clock.advance(100_000);
  equal(clock.pending, 0);
  call.resume();
  clock.advance(10_000);
  deepEqual(expired, [["idle", 100_300]]);
});

test("a call that goes well sets one timer for hundreds of pieces, and leaves none", () => {
  const clock = new FakeClock();
  let set = 0;
  const counting = {
    wallMs: () => clock.wallMs(),
    nowMs: () => clock.nowMs(),
    after: (ms: number, run: () => void): Timer => {
      set++;
      return clock.after(ms, run);
    },
  };
  const call = new CallTimers(counting, LIMITS, { expired: () => undefined }, 0);
  call.sent(clock.nowMs());
  call.answering(clock.nowMs());
  for (let piece = 0; piece < 500; piece++) {
    clock.advance(0.1);
    call.fed();
  }
  call.stop();
  equal(set, 1);
  equal(clock.pending, 0);
});

test("a second connection has its own time to come to stand", () => {
  const { clock, call, expired } = timers();
  clock.advance(50);
  call.sent(clock.nowMs());
  call.connecting(clock.nowMs());
  clock.advance(99);
  deepEqual(expired, []);
  clock.advance(1);
  deepEqual(expired, [["connect", 150]]);
});

test("a timer that comes late itself first lets be read what came meanwhile", () => {
  let nowMs = 0;
  const runs: (() => void)[] = [];
  const clock = {
    wallMs: () => nowMs,
    nowMs: () => nowMs,
    after: (_ms: number, run: () => void): Timer => {
      runs.push(run);
      return { cancel: () => undefined };
    },
  };
  const expired: Expiry[] = [];
  const call = new CallTimers(clock, { ...LIMITS, connect_ms: 0 }, { expired: (which) => expired.push(which) }, nowMs);
  call.sent(clock.nowMs());
  nowMs = 3_000;
  runs.at(-1)?.();
  deepEqual(expired, []);
  runs.at(-1)?.();
  deepEqual(expired, ["first_byte"]);
});

test("limits beyond what Node's timers can count do not run out at once", () => {
  const { clock, expired } = timers({ connect_ms: 2 ** 40, total_ms: 0 });
  clock.advance(2 ** 40 - 1);
  deepEqual(expired, []);
  clock.advance(1);
  deepEqual(expired, [["connect", 2 ** 40]]);
});
