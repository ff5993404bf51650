import { type Finding, failed, ok, skipped, warning } from "../../finding.ts";

/** What a provider's `Date` header said, against this machine's clock. */
export interface ClockReading {
  readonly provider: string;
  /** Positive: this machine is behind. */
  readonly behindMs: number;
  /** It may itself be wrong: nobody keeps its clock but the owner. */
  readonly nearby: boolean;
}

const MOST_MS = 60_000;

/** What a `date` header tells; undefined where there is none that can be read. `askedMs`, `answeredMs`: wall clock. */
export function behindMs(date: unknown, askedMs: number, answeredMs: number): number | undefined {
  const theirs = typeof date === "string" ? Date.parse(date) : Number.NaN;
  if (Number.isNaN(theirs)) return undefined;
  // Headers tell whole seconds, and any moment between question and answer may be meant.
  if (theirs + 1000 < askedMs) return theirs + 1000 - askedMs;
  return theirs > answeredMs ? theirs - answeredMs : 0;
}

/** This machine's clock against what providers said: most of them are right. */
export function clock(readings: readonly ClockReading[]): Finding {
  const hosted = readings.filter(({ nearby }) => !nearby);
  const asked = hosted.length > 0 ? hosted : readings;
  const sorted = asked.map((reading) => reading.behindMs).toSorted((one, other) => one - other);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) return skipped("clock", "no provider's answer told a time to compare it with");
  const from = `by the answers of ${asked.map(({ provider }) => provider).join(", ")}`;
  if (Math.abs(middle) <= MOST_MS) return ok("clock", `right within a minute, ${from}`);
  const how = `${Math.round(Math.abs(middle) / 1000)} s ${middle > 0 ? "slow" : "fast"}, ${from}`;
  const todo = "set it (timedatectl set-ntp true): certificates and signatures fail on a wrong clock";
  return hosted.length > 0 ? failed("clock", how, todo) : warning("clock", how, todo);
}
