import { asString, type JsonObject } from "../../../core/json.ts";
import type { Message } from "../../../core/request.ts";
import { dropMessageExtra } from "../../loss/unknown-fields.ts";
import { pairTools } from "../../tools/pair-tools.ts";
import { type BlockWords, CONTINUE, joinTurns, reminderOf } from "../../turns.ts";
import type { Draft, Turn } from "./draft.ts";
import { writeParts } from "./write-content.ts";

/** The messages as turns the API accepts in their order; `closeTurns` settles how they end. */
export function writeTurns(draft: Draft): Turn[] {
  const { request, losses } = draft;
  const places = new Map(request.messages.map((message, index) => [message, index]));
  const written = pairTools(request.messages, losses).map((message) =>
    writeTurn(message, `messages[${places.get(message) ?? 0}]`, draft),
  );
  return joinTurns(written, WORDS, losses);
}

const WORDS: BlockWords<JsonObject> = {
  callId: (block) => (block["type"] === "tool_use" ? asString(block["id"]) : undefined),
  resultId: (block) => (block["type"] === "tool_result" ? asString(block["tool_use_id"]) : undefined),
  filler: { type: "text", text: "." },
};

function writeTurn(message: Message, path: string, draft: Draft): Turn {
  if (message.name !== undefined) draft.losses.drop("participant_name", `${path}.name`);
  const native = draft.request.dialect === "anthropic";
  const reminded = message.role === "system" && !takesSystem(draft);
  if (reminded || !native) dropMessageExtra(message, path, draft.request.dialect, draft.losses);
  if (reminded) {
    draft.losses.changed(path, "system message sent as a <system-reminder> of the user");
    return { role: "user", content: reminder(message) };
  }
  const turn: Turn = {
    role: message.role === "tool" ? "user" : message.role,
    content: writeParts(message.parts, path, draft),
  };
  if (message.extra && native) turn.extra = message.extra;
  return turn;
}

/** Of a model we know nothing about we believe an Anthropic client, which says so by sending the message. */
export function takesSystem({ rules, request }: Draft): boolean {
  return rules.known ? rules.midSystem : request.dialect === "anthropic";
}

function reminder(message: Message): JsonObject[] {
  const text = reminderOf(message);
  return text === undefined ? [] : [{ type: "text", text }];
}

/** A last assistant turn is the beginning of the answer (prefill): trimmed, or asked for where the model refuses it. */
export function closeTurns(turns: Turn[], prefill: boolean, draft: Draft): void {
  const last = turns.at(-1);
  if (last?.role !== "assistant") return;
  trimEnd(last);
  if (last.content.length === 0) turns.pop();
  if (last.content.length === 0 || prefill) return;
  turns.push({ role: "user", content: [{ type: "text", text: CONTINUE }] });
  draft.losses.changed("messages", "prefill of the answer replaced by an instruction to continue");
}

function trimEnd(turn: Turn): void {
  const block = turn.content.at(-1);
  const text = block?.["text"];
  if (!block || typeof text !== "string") return;
  block["text"] = text.trimEnd();
  if (block["text"] === "") turn.content.pop();
}

/**
 * With a thinking budget the API wants the turn whose calls are being answered to begin with its signed thinking; history
 * from other dialects has none. (Adaptive thinking does not mind.)
 */
export function answersUnsignedCalls(turns: readonly Turn[]): boolean {
  const call = turns.findLast((turn) => turn.role === "assistant");
  const after = call && turns[turns.indexOf(call) + 1];
  if (after?.content[0]?.["type"] !== "tool_result") return false;
  const type = call?.content[0]?.["type"];
  return type !== "thinking" && type !== "redacted_thinking";
}

export function turnJson(turn: Turn): JsonObject {
  return { role: turn.role, content: turn.content, ...turn.extra };
}
