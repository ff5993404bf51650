import type { AttemptRecord } from "../../../src/record/events.ts";

export type BarKind = "router" | "queue" | "connect" | "headers" | "first-token" | "stream" | "body";

export interface Bar {
  kind: BarKind;
  /** Ms since the exchange began. */
  startMs: number;
  ms: number;
}

type Timed = Pick<AttemptRecord, "at_ms" | "ms" | "queued_ms" | "connect_ms" | "headers_ms" | "outcome">;

export interface Waterfall<T extends Timed> {
  totalMs: number;
  /** One for each attempt; without one: the router's own time before the first. */
  lanes: { attempt: T | undefined; bars: Bar[] }[];
}

/** Where the time of an exchange went: the router's before the first attempt, then each attempt's steps one after the other. */
export function waterfallOf<T extends Timed>(
  attempts: readonly T[],
  durationMs: number,
  firstTokenMs: number | null,
): Waterfall<T> {
  const firstMs = Math.min(durationMs, ...attempts.map(({ at_ms }) => at_ms));
  const totalMs = Math.max(durationMs, ...attempts.map(({ at_ms, ms }) => at_ms + ms), 1);
  const own: Bar[] = firstMs > 0 ? [{ kind: "router", startMs: 0, ms: firstMs }] : [];
  const answering = answeringOf(attempts, firstTokenMs);
  const lanes = attempts.map((attempt) => ({
    attempt,
    bars: barsOf(attempt, attempt === answering ? firstTokenMs : null),
  }));
  return { totalMs, lanes: own.length > 0 ? [{ attempt: undefined, bars: own }, ...lanes] : lanes };
}

/** The first token was that of the attempt that was under way then; of two, the one that was not cancelled. */
function answeringOf<T extends Timed>(attempts: readonly T[], firstTokenMs: number | null): T | undefined {
  if (firstTokenMs === null) return undefined;
  const running = attempts.filter(({ at_ms, ms }) => at_ms <= firstTokenMs && firstTokenMs <= at_ms + ms + 1);
  return running.find(({ outcome }) => outcome === "ok") ?? running[0];
}

function barsOf(attempt: Timed, firstTokenMs: number | null): Bar[] {
  const endMs = attempt.at_ms + attempt.ms;
  const turnMs = attempt.at_ms + (attempt.queued_ms ?? 0);
  const connectedMs = turnMs + (attempt.connect_ms ?? 0);
  const headersMs = attempt.headers_ms === undefined ? endMs : turnMs + attempt.headers_ms;
  const steps: [BarKind, number][] = [
    ["queue", turnMs],
    ["connect", connectedMs],
    ["headers", headersMs],
    ["first-token", firstTokenMs ?? headersMs],
    [firstTokenMs === null ? "body" : "stream", endMs],
  ];
  const bars: Bar[] = [];
  let startMs = attempt.at_ms;
  for (const [kind, until] of steps) {
    // Each was rounded by itself: none may begin before the one before it ended.
    const untilMs = Math.min(Math.max(until, startMs), endMs);
    if (untilMs > startMs) bars.push({ kind, startMs, ms: untilMs - startMs });
    startMs = untilMs;
  }
  return bars;
}
