import { equal } from "node:assert/strict";
import { test } from "node:test";
import { retryAfterOf } from "./retry-after.ts";

const DATE = "Mon, 23 Nov 2026 12:00:00 GMT";
const WALL = Date.parse(DATE) + 3_600_000;
const after = (seconds: number) => new Date(Date.parse(DATE) + seconds * 1000).toUTCString();

test("what a provider's Retry-After comes to, in seconds", () => {
  const cases: [Record<string, string | string[]>, number | undefined][] = [
    [{ "retry-after": "2" }, 2],
    [{ "retry-after": " 2.5 " }, 2.5],
    [{ "retry-after": "0" }, 0],
    [{ "retry-after-ms": "1500", "retry-after": "9" }, 1.5],
    [{ "retry-after-ms": "soon", "retry-after": "9" }, 9],
    [{ "retry-after": after(30), date: DATE }, 30],
    // Without a date of its own the answer is as old as it took to come.
    [{ "retry-after": after(3_630) }, 30],
    [{ "retry-after": after(-30), date: DATE }, undefined],
    [{ "retry-after": "86400" }, 86_400],
    [{ "retry-after": "86401" }, undefined],
    [{ "retry-after": "1000000000" }, undefined],
    [{ "retry-after-ms": "1000000000000", "retry-after": "3" }, 3],
    [{ "retry-after": "1e9" }, undefined],
    [{ "retry-after": after(1e9), date: DATE }, undefined],
    [{ "retry-after": "-1" }, undefined],
    [{ "retry-after": "NaN" }, undefined],
    [{ "retry-after": "in 5" }, undefined],
    [{ "retry-after": "Infinity" }, undefined],
    [{ "retry-after": "" }, undefined],
    [{ "retry-after": ["1", "2"] }, undefined],
    [{}, undefined],
  ];
  for (const [headers, seconds] of cases) equal(retryAfterOf(headers, WALL), seconds, JSON.stringify(headers));
});
