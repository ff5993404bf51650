import { type Part, type TextPart, type ToolResultPart, textOf } from "../../core/part.ts";
import type { ChatRequest, Message } from "../../core/request.ts";

/** What the conversation waits for: everything since the assistant last spoke. */
export interface Turn {
  /** All the user wrote in it. Orders are looked for here. */
  text: string;
  /** The last piece of that: agents put their reminders in front of what the person typed. */
  lastText: string;
  images: number;
  results: ToolResultPart[];
}

export function readTurn(request: ChatRequest): Turn {
  const parts = messagesOfTurn(request.messages).flatMap((message) => message.parts);
  const texts = parts.flatMap((part) => (isText(part) ? [part.text] : []));
  return {
    text: texts.join("\n"),
    lastText: texts.at(-1) ?? "",
    images: countImages(parts),
    results: parts.filter((part) => part.type === "tool-result"),
  };
}

/** What the user last wrote, also when the assistant has called tools since. */
export function lastPrompt({ messages }: ChatRequest): string {
  const message = messages.findLast(({ role, parts }) => role === "user" && parts.some(isText));
  return message?.parts.findLast(isText)?.text ?? "";
}

/** How often the assistant has called tools since. */
export function roundsSincePrompt({ messages }: ChatRequest): number {
  const prompt = messages.findLastIndex(({ role, parts }) => role === "user" && parts.some(isText));
  const since = messages.slice(prompt + 1);
  return since.filter(({ role, parts }) => role === "assistant" && parts.some(({ type }) => type === "tool-call"))
    .length;
}

function isText(part: Part): part is TextPart {
  return part.type === "text" && part.text.trim() !== "";
}

function messagesOfTurn(messages: readonly Message[]): Message[] {
  const since = messages.slice(messages.findLastIndex(({ role }) => role === "assistant") + 1);
  const asked = since.filter(({ role }) => role === "user" || role === "tool");
  if (asked.length > 0) return asked;
  // The conversation ends in the beginning of an answer: what it answers is the user's last message.
  const last = messages.findLast(({ role }) => role === "user");
  return last === undefined ? [] : [last];
}

function countImages(parts: readonly Part[]): number {
  let count = 0;
  for (const part of parts) {
    if (part.type === "image") count++;
    else if (part.type === "tool-result") count += countImages(part.parts);
  }
  return count;
}

/** What a tool gave back, in a sentence. */
export function reportOf(result: ToolResultPart): string {
  const name = result.name === undefined ? "The tool" : `The tool ${result.name}`;
  return `${name} ${result.isError ? "failed" : "returned"}: ${textOf(result.parts, "\n")}`;
}
