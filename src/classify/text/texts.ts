import type { Part } from "../../core/part.ts";
import type { ChatRequest } from "../../core/request.ts";

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
    if (part.source.kind === "text" && look(part.source.text)) return true;
    if (part.title !== undefined && look(part.title)) return true;
    return part.context !== undefined && look(part.context);
  });
}
