import type { Part } from "../core/part.ts";
import type { ChatRequest } from "../core/request.ts";
import { digest } from "./owner.ts";
import { sessionOf } from "./prefix-watch.ts";

/**
 * A name for the conversation a request belongs to: the same from turn to turn, another for each client key. Sub-agents and side
 * calls share what the client calls its session; their first message tells them apart. A client that names nothing is known by
 * how its conversation begins. `presented`: by what the client says who it is.
 */
export function conversationOf(presented: string, request: ChatRequest): string {
  const { identity, messages, system } = request;
  const named = sessionOf(request) ?? "";
  const first = textIn(messages.find(({ role }) => role === "user")?.parts);
  const rest = named === "" ? [identity.user ?? "", textIn(system)] : [];
  return digest("conversation", presented, named, first, ...rest);
}

/** Of a long text its ends and its length tell which it is, and take a twentieth of the time. */
const MAX_CHARS = 4096;

function textIn(parts: readonly Part[] = []): string {
  let text = "";
  for (const part of parts) text += `${part.type === "text" ? part.text : part.type}\n`;
  if (text.length <= MAX_CHARS) return text;
  return `${text.length} ${text.slice(0, MAX_CHARS / 2)}${text.slice(-MAX_CHARS / 2)}`;
}
