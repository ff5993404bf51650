import type { ToolCallPart, ToolResultPart } from "../../../core/part.ts";
import type { Draft, Entry, Turn } from "./draft.ts";

const NO_RESULT = "(no result)";

/**
 * The API wants exactly one result for each call, in the turn right behind it, and older models know them apart only by their
 * order. Calls and results are left alone when a user interrupts a tool, or a client cuts old turns: the call gets an empty
 * result, the result becomes plain text.
 */
export function pairCalls(turns: Turn[], draft: Draft): void {
  for (let at = 0; at < turns.length; at++) {
    const turn = turns[at];
    if (turn?.role === "user") orderResults(turn, callsOf(turns[at - 1]), draft);
    if (turn?.role === "model") answerCalls(turns, at, callsOf(turn), draft);
  }
}

function callsOf(turn: Turn | undefined): ToolCallPart[] {
  return turn?.role === "model" ? turn.entries.map(({ part }) => part).filter((part) => part.type === "tool-call") : [];
}

function isResult(entry: Entry): entry is Entry & { part: ToolResultPart } {
  return entry.part.type === "tool-result";
}

/** Results first, in the order of their calls; one without a call becomes text. */
function orderResults(turn: Turn, calls: readonly ToolCallPart[], { losses }: Draft): void {
  const results = turn.entries.filter(isResult);
  if (results.length === 0) return;
  const paired: Entry[] = [];
  const orphans = new Set(results);
  for (const { id } of calls) {
    const result = results.find((entry) => orphans.has(entry) && entry.part.callId === id);
    if (!result) continue;
    orphans.delete(result);
    paired.push(result);
  }
  const others = turn.entries.flatMap((entry) => {
    if (!isResult(entry)) return [entry];
    if (!orphans.has(entry)) return [];
    losses.changed("messages", `result of unknown tool call ${entry.part.callId} sent as user content`);
    return entry.part.parts.map((part) => ({ part, field: entry.field }));
  });
  turn.entries = [...paired, ...others];
}

function answerCalls(turns: Turn[], at: number, calls: readonly ToolCallPart[], { losses }: Draft): void {
  if (calls.length === 0) return;
  const next = turns[at + 1];
  const results = next?.role === "user" ? next.entries.filter(isResult) : [];
  const missing: Entry[] = [];
  for (const { id, name } of calls) {
    if (results.some(({ part }) => part.callId === id)) continue;
    const parts = [{ type: "text" as const, text: NO_RESULT }];
    missing.push({ part: { type: "tool-result", callId: id, name, parts, isError: false }, field: "messages" });
    losses.changed("messages", `tool call ${id} has no result: sent as "${NO_RESULT}"`);
  }
  if (missing.length === 0) return;
  if (next?.role === "user") next.entries = [...missing, ...next.entries];
  else turns.splice(at + 1, 0, { role: "user", entries: missing });
}
