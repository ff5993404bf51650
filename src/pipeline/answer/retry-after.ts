import type { Headers } from "../../wire/format.ts";

/** Who asks for more than a day does not mean it: no provider is out of breath for so long. */
const MAX_S = 24 * 60 * 60;

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
  const seconds = value / perSecond;
  return seconds >= 0 && seconds <= MAX_S ? seconds : undefined;
}

function numberOf(value: string | string[] | undefined): number {
  return typeof value === "string" && /^\s*\d+(?:\.\d+)?\s*$/.test(value) ? Number(value) : Number.NaN;
}

/** Without a time of day it is no HTTP date: `Date.parse` makes a date of nearly anything that has a number in it. */
function dateOf(value: string | string[] | undefined): number {
  return typeof value === "string" && /\d\d:\d\d:\d\d/.test(value) ? Date.parse(value) : Number.NaN;
}
