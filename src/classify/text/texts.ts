import { type Part, textOf } from "../../core/part.ts";
import type { ChatRequest } from "../../core/request.ts";
import { textInFile } from "../../core/text-file.ts";

/**
 * What people and models said, and text they attached, text by text. Never media, tool calls, tool results or reasoning.
 * `look` returns true when it has seen enough.
 */
export function eachText(request: ChatRequest, look: (text: string) => boolean): void {
  if (lookAtAll(request.system, look)) return;
  for (const message of request.messages) if (lookAtAll(message.parts, look)) return;
}

function lookAtAll(parts: readonly Part[], look: (text: string) => boolean): boolean {
  return parts.some((part) => {
    if (part.type === "text" || part.type === "refusal") return look(part.text);
    if (part.type !== "document") return false;
    // A privacy rule that a pasted file slips past would not be one.
    const { source } = part;
    const text = source.kind === "text" ? source.text : source.kind === "base64" ? textInFile(source) : undefined;
    if (text !== undefined && look(text)) return true;
    if (part.title !== undefined && look(part.title)) return true;
    return part.context !== undefined && look(part.context);
  });
}

/** The last message of the user that says anything: the results of tools that follow it say nothing of the user. −1: none. */
export function lastUserIndex({ messages }: ChatRequest): number {
  return messages.findLastIndex(({ role, parts }) => role === "user" && textOf(parts) !== "");
}

/** What the user last said. */
export function lastUserText(request: ChatRequest): string {
  return textOf(request.messages[lastUserIndex(request)]?.parts ?? [], "\n");
}

/** Beginning and end of a text that is too long for its place. */
export function excerpt(text: string, chars: number): string {
  if (text.length <= chars) return text;
  const half = Math.floor(chars / 2);
  return `${text.slice(0, half)} […] ${text.slice(text.length - half)}`.toWellFormed();
}

export interface SaidBy {
  role: string;
  text: string;
}

/** The newest messages that say something, in their order, as excerpts of so many characters together. */
export function newest({ messages }: ChatRequest, chars: number): SaidBy[] {
  const said: SaidBy[] = [];
  let left = chars;
  for (const { role, parts } of messages.toReversed()) {
    const text = textOf(parts, "\n");
    if (text === "") continue;
    if (left <= 0) break;
    const part = excerpt(text, left);
    said.push({ role, text: part });
    left -= part.length;
  }
  return said.reverse();
}
