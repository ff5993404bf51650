import { GROUPING_NAMES, type Grouping } from "./grouping.ts";
import { MEASURES, type MeasureName } from "./measures.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** The times one can look back, by the name they have in the address; how often what is shown is asked for again. */
export const RANGES: readonly { name: string; words: string; ms: number; everyMs: number }[] = [
  { name: "15m", words: "15 min", ms: 15 * MINUTE_MS, everyMs: 5_000 },
  { name: "1h", words: "1 h", ms: HOUR_MS, everyMs: 10_000 },
  { name: "6h", words: "6 h", ms: 6 * HOUR_MS, everyMs: 30_000 },
  { name: "24h", words: "24 h", ms: DAY_MS, everyMs: 60_000 },
  { name: "7d", words: "7 d", ms: 7 * DAY_MS, everyMs: 60_000 },
  { name: "30d", words: "30 d", ms: 30 * DAY_MS, everyMs: 60_000 },
];
const DEFAULT = "1h";

/** What is looked at: as the address says, `#/overview?range=6h&by=model`. */
export interface Outlook {
  /** Empty: a span of its own. */
  range: string;
  /** A span that does not move on; undefined: the range, up to now. */
  fixed: { sinceMs: number; untilMs: number } | undefined;
  by: Grouping;
  measure: MeasureName;
}

export function outlookOf(params: URLSearchParams): Outlook {
  const since = Number(params.get("since"));
  const until = Number(params.get("until"));
  const fixed = since > 0 && until > since ? { sinceMs: since, untilMs: until } : undefined;
  const range = RANGES.find(({ name }) => name === params.get("range"))?.name ?? DEFAULT;
  return {
    range: fixed ? "" : range,
    fixed,
    by: GROUPING_NAMES.find((name) => name === params.get("by")) ?? "provider",
    measure: MEASURES.find(({ name }) => name === params.get("show"))?.name ?? "requests",
  };
}

/** As parameters of an address; what is the default is left out. */
export function paramsOf({ range, fixed, by, measure }: Outlook): Record<string, string> {
  return {
    ...(fixed
      ? { since: String(Math.round(fixed.sinceMs)), until: String(Math.round(fixed.untilMs)) }
      : range !== DEFAULT && { range }),
    ...(by !== "provider" && { by }),
    ...(measure !== "requests" && { show: measure }),
  };
}

/** Since when and until when, wall clock ms. */
export function spanOf({ range, fixed }: Outlook, nowMs: number): { sinceMs: number; untilMs: number } {
  const ms = RANGES.find(({ name }) => name === range)?.ms ?? HOUR_MS;
  return fixed ?? { sinceMs: nowMs - ms, untilMs: nowMs };
}
