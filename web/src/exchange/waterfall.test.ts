import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { waterfallOf } from "./waterfall.ts";

const barsOf = (...given: Parameters<typeof waterfallOf>) =>
  waterfallOf(...given).lanes.map(({ bars }) =>
    bars.map(({ kind, startMs, ms }) => `${kind} ${startMs}+${ms}`).join(", "),
  );

test("every step of one attempt", () => {
  const attempt = { outcome: "ok", at_ms: 3, ms: 997, queued_ms: 100, connect_ms: 20, headers_ms: 220 };
  deepEqual(barsOf([attempt], 1_001, 400), [
    "router 0+3",
    "queue 3+100, connect 103+20, headers 123+200, first-token 323+77, stream 400+600",
  ]);
});

test("an attempt that got no headers waits to its end; the first token is of the one that answered", () => {
  const failed = { outcome: "timeout", at_ms: 0, ms: 500 };
  const answered = { outcome: "ok", at_ms: 510, ms: 490, headers_ms: 90 };
  deepEqual(barsOf([failed, answered], 1_000, 700), [
    "headers 0+500",
    "headers 510+90, first-token 600+100, stream 700+300",
  ]);
});

test("of two at once the one that was not cancelled answered", () => {
  const slow = { outcome: "cancelled", at_ms: 0, ms: 800, headers_ms: 100 };
  const hedge = { outcome: "ok", at_ms: 300, ms: 500, headers_ms: 100 };
  deepEqual(barsOf([slow, hedge], 800, 500), [
    "headers 0+100, body 100+700",
    "headers 300+100, first-token 400+100, stream 500+300",
  ]);
});

test("numbers that were rounded apart, or are wrong, draw nothing outside", () => {
  const attempt = { outcome: "ok", at_ms: 1, ms: 10, queued_ms: 5, connect_ms: 9, headers_ms: 4 };
  deepEqual(barsOf([attempt], 10, 3), ["router 0+1", "queue 1+5, connect 6+5"]);
  equal(waterfallOf([attempt], 10, 3).totalMs, 11);
});

test("nothing was sent", () => {
  deepEqual(barsOf([], 7, null), ["router 0+7"]);
  deepEqual(barsOf([], 0, null), []);
});
