import { DAYS, type Day } from "../../config/conditions.ts";

export interface Hours {
  readonly hours?: string | undefined;
  readonly days?: readonly Day[] | undefined;
  readonly time_zone?: string | undefined;
}

/** True at moments (ms since 1970) within the hours of the days. Hours over midnight belong to the day on which they begin. */
export function within({ hours = "00:00-24:00", days = [], time_zone: zone }: Hours): (wallMs: number) => boolean {
  const from = minuteOf(hours.slice(0, 5));
  const until = minuteOf(hours.slice(6));
  const isOn = (day: number) => days.length === 0 || days.some((name) => DAYS[(day + 7) % 7] === name);
  const look = (wallMs: number): boolean => {
    const { day, minute } = localTime(wallMs, zone);
    if (from < until) return isOn(day) && from <= minute && minute < until;
    return (isOn(day) && minute >= from) || (isOn(day - 1) && minute < until);
  };
  return oncePerMinute(look);
}

/** Time zones cost microseconds, and the answer changes only with the minute. */
function oncePerMinute(look: (wallMs: number) => boolean): (wallMs: number) => boolean {
  let lookedAt = Number.NaN;
  let answer = false;
  return (wallMs) => {
    const minute = Math.floor(wallMs / MINUTE_MS);
    if (minute !== lookedAt) {
      lookedAt = minute;
      answer = look(wallMs);
    }
    return answer;
  };
}

const MINUTE_MS = 60_000;
const NAMES: readonly string[] = DAYS;

/** Day of the week from Sunday = 0, and minute of the day. */
function localTime(wallMs: number, zone: string | undefined): { day: number; minute: number } {
  const date = new Date(wallMs);
  if (zone === undefined) return { day: date.getDay(), minute: date.getHours() * 60 + date.getMinutes() };
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
  });
  const parts = new Map(format.formatToParts(date).map(({ type, value }) => [type, value]));
  return {
    day: NAMES.indexOf(parts.get("weekday")?.toLowerCase() ?? ""),
    minute: Number(parts.get("hour")) * 60 + Number(parts.get("minute")),
  };
}

function minuteOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}
