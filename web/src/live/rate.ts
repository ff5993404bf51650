import type { LiveRow } from "./row.ts";

/** Less time than this says nothing about speed. */
const MIN_MS = 100;

/** Tokens per second of the answer, from its first token on; undefined when that cannot be told. */
export function tokensPerSecond(row: LiveRow): number | undefined {
  const { outputTokens, timeToFirstTokenMs: first, startedMs, endedMs, heardMs } = row;
  // Who asked for no stream got all at once: the time to the first token is that of the whole.
  if (outputTokens === null || outputTokens < 2 || first === null || !row.stream) return undefined;
  const ms = (endedMs ?? heardMs) - startedMs - first;
  return ms < MIN_MS ? undefined : outputTokens / (ms / 1_000);
}

/** What is happening to an exchange, or how it ended. */
export function phaseOf(row: LiveRow): string {
  if (row.endedMs !== undefined) return row.outcome ?? "over";
  if (row.tool !== null) return `calling ${row.tool}`;
  if (row.text !== "") return "streaming";
  if (row.reasoning !== "") return "thinking";
  if (row.outputTokens !== null && row.outputTokens > 0) return "streaming";
  if (row.attemptCount > 0) return "retrying";
  return row.provider === null ? "routing" : "waiting";
}
