import { sensibleWait } from "../../core/failure.ts";
import type { Headers } from "../../wire/format.ts";

/**
 * Seconds, from what providers send: `retry-after-ms`, or `retry-after` as seconds or as a date (against the answer's own
 * `date`, or else `wallMs`). Undefined for what is in the past, longer than a day, or makes no sense.
 */
export function retryAfterOf(headers: Headers, wallMs: number): number | undefined {
  const { "retry-after": after, "retry-after-ms": ms, date } = headers;
  return (
    within(numberOf(ms), 1000) ?? within(numberOf(after), 1) ?? within(dateOf(after) - (dateOf(date) || wallMs), 1000)
  );
}

function within(value: number, perSecond: number): number | undefined {
  return sensibleWait(value / perSecond);
}

function numberOf(value: string | string[] | undefined): number {
  return typeof value === "string" && /^\s*\d+(?:\.\d+)?\s*$/.test(value) ? Number(value) : Number.NaN;
}

/** Without a time of day it is no HTTP date: `Date.parse` makes a date of nearly anything that has a number in it. */
function dateOf(value: string | string[] | undefined): number {
  return typeof value === "string" && /\d\d:\d\d:\d\d/.test(value) ? Date.parse(value) : Number.NaN;
}
