import { Refusal } from "../io.ts";

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** `7d`, `12h`, `30m`, `2w`, or a date with or without a time (the reader's own unless it says another zone): ms since 1970. */
export function sinceMs(text: string, nowMs: number): number {
  const [, count, unit = ""] = /^(\d+)\s*([mhdw])$/.exec(text.trim()) ?? [];
  if (count !== undefined) return nowMs - Number(count) * (UNITS[unit] ?? 0);
  // Without a time a date would be in UTC.
  const dated = /^\d{4}-\d\d-\d\d$/.test(text.trim()) ? `${text.trim()}T00:00` : text.trim();
  const ms = /^\d{4}-/.test(dated) ? Date.parse(dated) : Number.NaN;
  if (Number.isNaN(ms)) {
    const asked = JSON.stringify(text);
    throw new Refusal(2, `--since ${asked} is no time: 7d, 12h, 30m, 2026-11-29 or 2026-11-29T08:00 would be one`);
  }
  return ms;
}
