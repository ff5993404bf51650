import type { Part } from "../core/part.ts";
import type { ChatRequest } from "../core/request.ts";
import { type Client, digest } from "./owner.ts";
import { sessionOf } from "./prefix-watch.ts";

/**
 * A name for the conversation a request belongs to: the same from turn to turn, another for each client key. Sub-agents and side
 * calls share what the client calls its session; their first message tells them apart. A client that names nothing is known by
 * how its conversation begins.
 */
export function conversationOf(client: Client, request: ChatRequest): string {
  const { identity, messages, system } = request;
  const named = sessionOf(request) ?? "";
  const first = textIn(messages.find(({ role }) => role === "user")?.parts);
  const rest = named === "" ? [identity.user ?? "", textIn(system)] : [];
  return digest("conversation", client.owner, named, first, ...rest);
}

function textIn(parts: readonly Part[] = []): string {
  return parts.map((part) => (part.type === "text" ? part.text : part.type)).join("\n");
}
