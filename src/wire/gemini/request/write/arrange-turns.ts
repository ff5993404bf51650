import type { Part } from "../../../../core/part.ts";
import type { Message } from "../../../../core/request.ts";
import { dropMessageExtra } from "../../../loss/unknown-fields.ts";
import { pairTools } from "../../../tools/pair-tools.ts";
import { type BlockWords, CONTINUE, joinTurns, reminderOf } from "../../../turns.ts";
import { signatureOf } from "../../thought-signature.ts";
import type { Draft, Entry, Turn } from "./draft.ts";

/** The messages as turns the API takes in their order: user first and last, roles alternating, results right behind calls. */
export function arrangeTurns(draft: Draft): Turn[] {
  const { request, losses } = draft;
  const places = new Map(request.messages.map((message, index) => [message, index]));
  const messages = request.dialect === "gemini" ? request.messages : pairTools(request.messages, losses);
  const written = messages.map((message) => turnOf(message, `messages[${places.get(message) ?? 0}]`, draft));
  const turns = joinTurns(written, WORDS, losses);
  closeWithUser(turns, draft);
  return turns;
}

const WORDS: BlockWords<Entry> = {
  callId: ({ part }) => (part.type === "tool-call" ? part.id : undefined),
  resultId: ({ part }) => (part.type === "tool-result" ? part.callId : undefined),
  filler: textEntry(".", "messages"),
};

/** Parts the API has a word for; the others go to the losses. */
export function entriesOf(parts: readonly Part[], path: string, draft: Draft): Entry[] {
  return parts
    .map((part, index) => ({ part, field: `${path}.content[${index}]` }))
    .filter((entry) => isSayable(entry, draft));
}

function isSayable({ part, field }: Entry, { request, losses }: Draft): boolean {
  if ("cache" in part && part.cache) losses.drop("cache_marks", `${field}.cache_control`);
  switch (part.type) {
    case "text":
      if (part.citations?.length) losses.drop("citations", `${field}.citations`);
      return part.text !== "";
    case "refusal":
      return part.text !== "";
    case "reasoning":
      if (signatureOf(part.state) !== undefined) return true;
      if (part.text !== "" && !part.state && request.dialect === "gemini") return true;
      if (part.state) losses.drop("reasoning_state", field);
      else if (part.text !== "") losses.drop("reasoning_text", field);
      return false;
    case "opaque":
      if (part.dialect === "gemini") return !part.what.endsWith("Metadata");
      losses.drop("opaque_parts", `${field} (${part.what})`);
      return false;
    default:
      return true;
  }
}

function turnOf(message: Message, path: string, draft: Draft): Turn {
  if (message.name !== undefined) draft.losses.drop("participant_name", `${path}.name`);
  dropMessageExtra(message, path, draft.request.dialect, draft.losses);
  if (message.role === "system") return { role: "user", content: reminder(message, path, draft) };
  const role = message.role === "assistant" ? "model" : "user";
  return { role, content: entriesOf(message.parts, path, draft) };
}

function reminder(message: Message, path: string, draft: Draft): Entry[] {
  const text = reminderOf(message);
  if (text === undefined) return [];
  draft.losses.changed(path, "system message sent as a <system-reminder> of the user");
  return [textEntry(text, path)];
}

export function textEntry(text: string, field: string): Entry {
  return { part: { type: "text", text }, field };
}

/** A last assistant turn is the beginning of the answer (prefill), which the API has no word for. */
function closeWithUser(turns: Turn[], draft: Draft): void {
  if (turns.at(-1)?.role !== "model") return;
  turns.push({ role: "user", content: [textEntry(CONTINUE, "messages")] });
  draft.losses.changed("messages", "prefill of the answer replaced by an instruction to continue");
}
