import { crc32 } from "node:zlib";
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

/** Of longer texts a check sum stands for the whole: a digest of 60 KB takes three times as long. */
const MAX_CHARS = 256;

function textIn(parts: readonly Part[] = []): string {
  let text = "";
  for (const part of parts) text += `${part.type === "text" ? part.text : part.type}\n`;
  return text.length <= MAX_CHARS ? text : `${text.length} ${crc32(text)} ${text.slice(0, MAX_CHARS)}`;
}
