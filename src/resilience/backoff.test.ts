import { deepEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fullJitterMs } from "./backoff.ts";

test("twice as long each time up to a cap, and any part of it", () => {
  const longest = [1, 2, 3, 4, 5, 6, 7, 2000].map((retry) => fullJitterMs(retry, () => 1));
  deepEqual(longest, [250, 500, 1000, 2000, 4000, 8000, 8000, 8000]);
  deepEqual([fullJitterMs(3, () => 0), fullJitterMs(3, () => 0.5)], [0, 500]);
});

test("never negative, never beyond the cap", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1e6 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (retry, drawn) => {
        const ms = fullJitterMs(retry, () => drawn);
        ok(ms >= 0 && ms < 8000);
      },
    ),
  );
});
