import { asString, type JsonObject, objectsOf } from "../../../core/json.ts";
import type { Draft, Turn } from "./draft.ts";

const NO_RESULT = "(no result)";

/**
 * A call without a result, or a result without a call, is a 400. Both are left behind when a user interrupts a tool, or a
 * client cuts old turns: the call gets an empty result, the result becomes plain text.
 */
export function pairTools(turns: Turn[], draft: Draft): void {
  for (let at = 0; at < turns.length; at++) {
    const turn = turns[at];
    if (turn?.role === "user") adoptOrphans(turn, callsOf(turns[at - 1]), draft);
    if (turn?.role === "assistant") answerCalls(turns, at, callsOf(turn), draft);
  }
}

function callsOf(turn: Turn | undefined): ReadonlySet<string> {
  if (turn?.role !== "assistant") return new Set();
  return idsIn(turn, "tool_use", "id");
}

function idsIn(turn: Turn, type: string, key: string): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const block of turn.content) if (block["type"] === type) ids.add(asString(block[key]) ?? "");
  return ids;
}

function answerCalls(turns: Turn[], at: number, calls: ReadonlySet<string>, draft: Draft): void {
  if (calls.size === 0) return;
  const next = turns[at + 1];
  const answered = next?.role === "user" ? idsIn(next, "tool_result", "tool_use_id") : new Set();
  const missing: JsonObject[] = [];
  for (const id of calls) {
    if (answered.has(id)) continue;
    missing.push({ type: "tool_result", tool_use_id: id, content: NO_RESULT });
    draft.losses.changed("messages", `tool call ${id} has no result: sent as "${NO_RESULT}"`);
  }
  if (missing.length === 0) return;
  if (next?.role === "user") next.content.splice(resultCount(next), 0, ...missing);
  else turns.splice(at + 1, 0, { role: "user", content: missing });
}

function resultCount(turn: Turn): number {
  const first = turn.content.findIndex((block) => block["type"] !== "tool_result");
  return first === -1 ? turn.content.length : first;
}

function adoptOrphans(turn: Turn, calls: ReadonlySet<string>, draft: Draft): void {
  const kept: JsonObject[] = [];
  const orphans: JsonObject[] = [];
  for (const block of turn.content) {
    if (block["type"] !== "tool_result" || calls.has(asString(block["tool_use_id"]) ?? "")) kept.push(block);
    else {
      orphans.push(...contentOf(block));
      draft.losses.changed(
        "messages",
        `result of unknown tool call ${String(block["tool_use_id"])} sent as user content`,
      );
    }
  }
  if (orphans.length === 0) turn.content = kept;
  else turn.content = [...kept.filter(isResult), ...orphans, ...kept.filter((block) => !isResult(block))];
}

function isResult(block: JsonObject): boolean {
  return block["type"] === "tool_result";
}

function contentOf(result: JsonObject): JsonObject[] {
  const content = result["content"];
  if (typeof content === "string") return [{ type: "text", text: content }];
  return objectsOf(content);
}
