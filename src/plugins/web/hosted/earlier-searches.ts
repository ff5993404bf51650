import type { Part } from "../../../core/part.ts";
import type { ChatRequest, Message } from "../../../core/request.ts";
import { sha256 } from "../../../wire/tools/ids.ts";

/** What a search of the router's is known by once a client sends it back: the writers of answers make it (`ws_router_…`). */
export function writtenId(id: string): string {
  return sha256(id).slice(0, 16);
}

/** What the model was told, by `writtenId`. */
export type ToldResults = ReadonlyMap<string, string>;

/** The searches in a conversation that the router made for it, as `writtenId`s, in order. */
export function earlierSearches({ messages }: ChatRequest): string[] {
  return messages.flatMap(({ parts }) => parts.map(idOf).filter((id) => id !== undefined));
}

function idOf(part: Part): string | undefined {
  return part.type === "opaque" ? /_router_([0-9a-f]{16})$/.exec(part.search?.id ?? "")?.[1] : undefined;
}

/**
 * The conversation as its model knew it: clients send back that a search was made, but have not seen what was found. So the model
 * does not look for it again, and the provider finds its prompt cache.
 */
export function withEarlierSearches(request: ChatRequest, told: ToldResults, tool: string): ChatRequest {
  if (told.size === 0) return request;
  const messages = request.messages.flatMap((message) =>
    message.role === "assistant" ? retold(message, told, tool) : [message],
  );
  return { ...request, messages };
}

function retold(message: Message, told: ToldResults, name: string): Message[] {
  const out: Message[] = [];
  const done = new Set<string>();
  let parts: Part[] = [];
  for (const part of message.parts) {
    const id = idOf(part);
    const text = id === undefined ? undefined : told.get(id);
    if (id === undefined || text === undefined || part.type !== "opaque") {
      parts.push(part);
      continue;
    }
    // Anthropic's clients have a block for the call and one for the result.
    if (done.has(id)) continue;
    done.add(id);
    const callId = `call_${id}`;
    const args = JSON.stringify({ query: part.search?.queries[0] ?? "" });
    parts.push({ type: "tool-call", id: callId, name, arguments: args, kind: "function" });
    const result = {
      type: "tool-result" as const,
      callId,
      name,
      parts: [{ type: "text" as const, text }],
      isError: false,
    };
    out.push({ ...message, parts }, { role: "tool", parts: [result] });
    parts = [];
  }
  if (parts.length > 0 || out.length === 0) out.push({ ...message, parts });
  return out;
}
