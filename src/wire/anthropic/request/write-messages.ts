import type { JsonObject } from "../../../core/json.ts";
import { textOf } from "../../../core/part.ts";
import type { Message } from "../../../core/request.ts";
import { dropMessageExtra } from "../../unknown-fields.ts";
import type { Draft, Turn } from "./draft.ts";
import { pairTools } from "./pair-tools.ts";
import { writeParts } from "./write-content.ts";

/** The messages as turns the API accepts in their order; `closeTurns` settles how they end. */
export function writeTurns(draft: Draft): Turn[] {
  const turns: Turn[] = [];
  const places = new Map(draft.request.messages.map((message, index) => [message, index]));
  for (const message of resultsBesideCalls(draft.request.messages)) {
    addTurn(turns, writeTurn(message, `messages[${places.get(message) ?? 0}]`, draft));
  }
  for (const turn of turns) if (turn.role === "user") resultsFirst(turn);
  pairTools(turns, draft);
  openWithUser(turns, draft);
  return turns;
}

/** A result has to stand in the turn right after its call; clients of other dialects put notes in between. */
function resultsBesideCalls(messages: readonly Message[]): Message[] {
  const ordered: Message[] = [];
  for (const message of messages) {
    const before = message.role === "tool" ? ordered.findLastIndex(isCallOrResult) : -1;
    if (before === -1) ordered.push(message);
    else ordered.splice(before + 1, 0, message);
  }
  return ordered;
}

function isCallOrResult(message: Message): boolean {
  return message.role === "assistant" || message.role === "tool";
}

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
  const text = textOf(message.parts, "\n\n").toWellFormed();
  return text === "" ? [] : [{ type: "text", text: `<system-reminder>\n${text}\n</system-reminder>` }];
}

function addTurn(turns: Turn[], turn: Turn): void {
  if (turn.content.length === 0 && !turn.extra) return;
  const last = turns.at(-1);
  if (last?.role === turn.role && !last.extra && !turn.extra) last.content.push(...turn.content);
  else turns.push(turn);
}

function resultsFirst(turn: Turn): void {
  const isResult = (block: JsonObject): boolean => block["type"] === "tool_result";
  if (!turn.content.some(isResult)) return;
  turn.content = [...turn.content.filter(isResult), ...turn.content.filter((block) => !isResult(block))];
}

function openWithUser(turns: Turn[], draft: Draft): void {
  const first = turns.findIndex((turn) => turn.role !== "system");
  if (first !== -1 && turns[first]?.role === "user") return;
  turns.splice(first === -1 ? turns.length : first, 0, { role: "user", content: [{ type: "text", text: "." }] });
  draft.losses.changed("messages", "user turn inserted before the first");
}

const CONTINUE = "Continue your last message exactly where it stops, without repeating any of it.";

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
