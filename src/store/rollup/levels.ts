import type { ExchangeRow } from "../../api/exchanges.ts";
import type { GROUPINGS } from "../../api/stats.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** All other steps are parts of it. */
export const COARSEST_MS: number = 2 * DAY;

/** Sums over steps of one length. */
export interface Level {
  stepMs: number;
  /** Steps older than this are not kept: only coarser ones reach back so far. */
  keepMs: number;
}

/** Finest first. A range is answered from the finest level that has at most `MAX_POINTS` steps in it and still knows its begin. */
export const LEVELS: readonly Level[] = [
  { stepMs: 10 * SECOND, keepMs: 2 * HOUR },
  { stepMs: MINUTE, keepMs: 2 * DAY },
  { stepMs: 10 * MINUTE, keepMs: 14 * DAY },
  { stepMs: HOUR, keepMs: 60 * DAY },
  { stepMs: 6 * HOUR, keepMs: Number.POSITIVE_INFINITY },
  { stepMs: COARSEST_MS, keepMs: Number.POSITIVE_INFINITY },
];

const MAX_POINTS = 200;

export interface Range {
  /** Whose sums answer. */
  level: Level;
  /** A multiple of the level's. */
  stepMs: number;
  sinceMs: number;
  /** Exclusive. */
  untilMs: number;
}

/** Widens a range to whole steps of the level that suits it. */
export function rangeOf(sinceMs: number, untilMs: number, nowMs: number): Range {
  for (const level of LEVELS) {
    const widened = widen(sinceMs, untilMs, level.stepMs);
    if (widened.steps <= MAX_POINTS && widened.sinceMs >= nowMs - level.keepMs) {
      return { level, stepMs: level.stepMs, sinceMs: widened.sinceMs, untilMs: widened.untilMs };
    }
  }
  return longRange(sinceMs, untilMs);
}

/** Longer than the coarsest level has points for: so many of its steps together are one. */
function longRange(sinceMs: number, untilMs: number): Range {
  const level: Level = { stepMs: COARSEST_MS, keepMs: Number.POSITIVE_INFINITY };
  const times = Math.ceil((untilMs - sinceMs) / level.stepMs / (MAX_POINTS - 1));
  const stepMs = level.stepMs * Math.max(1, times);
  const widened = widen(sinceMs, untilMs, stepMs);
  return { level, stepMs, sinceMs: widened.sinceMs, untilMs: widened.untilMs };
}

/** The same time in as few steps as possible: long ones, where they are in it whole. */
export function fewestSteps({ level, sinceMs, untilMs }: Range): Pick<Range, "stepMs" | "sinceMs" | "untilMs">[] {
  const coarser = LEVELS.filter(({ stepMs }) => stepMs > level.stepMs).toReversed();
  return [...coarser, level].reduce<Pick<Range, "stepMs" | "sinceMs" | "untilMs">[]>(
    (parts, { stepMs }) => parts.flatMap((part) => (part.stepMs === 0 ? split(part, stepMs) : [part])),
    [{ stepMs: 0, sinceMs, untilMs }],
  );
}

/** `stepMs` 0: in steps of what length is still open. */
function split({ sinceMs, untilMs }: { sinceMs: number; untilMs: number }, stepMs: number) {
  const begin = Math.ceil(sinceMs / stepMs) * stepMs;
  const end = Math.floor(untilMs / stepMs) * stepMs;
  if (begin >= end) return [{ stepMs: 0, sinceMs, untilMs }];
  return [
    { stepMs: 0, sinceMs, untilMs: begin },
    { stepMs, sinceMs: begin, untilMs: end },
    { stepMs: 0, sinceMs: end, untilMs },
  ].filter((part) => part.sinceMs < part.untilMs);
}

function widen(sinceMs: number, untilMs: number, stepMs: number) {
  const since = Math.floor(sinceMs / stepMs) * stepMs;
  const until = Math.max(Math.ceil(untilMs / stepMs) * stepMs, since + stepMs);
  return { sinceMs: since, untilMs: until, steps: (until - since) / stepMs };
}

export type Grouping = (typeof GROUPINGS)[number];

/** The groups an exchange counts in; with several tags in several. */
export function keysOf(row: ExchangeRow, by: Grouping): string[] {
  switch (by) {
    case "provider":
      return [row.provider ?? NONE];
    case "model":
      return [row.sent_model ?? row.requested_model];
    case "tag": {
      const tags = new Set([...row.tags, ...row.response_tags]);
      return tags.size === 0 ? [NONE] : [...tags];
    }
    case "client":
      return [clientOf(row)];
    case "rule":
      return [row.rule ?? NONE];
  }
}

export function clientOf({ agent, client }: ExchangeRow): string {
  return agent ?? client;
}

const NONE = "(none)";
export const OTHER = "(other)";
