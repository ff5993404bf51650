import { countText } from "../../parts/format.ts";

/** How often in so many ms: `12.5/s`, `40/min`, `3/h`: in the shortest unit that gives at least one. */
export function rateText(times: number, ms: number): string {
  if (times === 0 || ms <= 0) return "0/min";
  const perSecond = times / (ms / 1000);
  if (perSecond >= 1) return `${short(perSecond)}/s`;
  if (perSecond * 60 >= 1) return `${short(perSecond * 60)}/min`;
  return `${short(perSecond * 3600)}/h`;
}

/** What share one number is of another, 0 to 1; 0 of nothing. */
export function shareOf(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

/** `1 request`, `2 requests`; other plurals are given. */
export function countedText(number: number, one: string, many = `${one}s`): string {
  return `${countText(number)} ${number === 1 ? one : many}`;
}

function short(value: number): string {
  if (value >= 1000) return countText(value);
  return value < 10 ? value.toFixed(1).replace(/\.0$/, "") : value.toFixed(0);
}
