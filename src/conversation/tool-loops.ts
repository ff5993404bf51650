import type { ChatRequest, Message } from "../core/request.ts";
import type { ChatResponse } from "../core/response.ts";
import type { BoundedMemory } from "./memory.ts";
import { type Client, digest } from "./owner.ts";
import { callKeyOf } from "./reasoning.ts";
import type { Origin, Remembered } from "./remembered.ts";

/**
 * Who made the calls whose results a request brings. By the id of the answer's first call, so that it is known too when the
 * client cut or rewrote the beginning of the conversation. Some providers count their ids from 0 in each conversation: what
 * another conversation's call says is only the last resort.
 */
export class ToolLoops {
  readonly #memory: BoundedMemory<Remembered>;

  constructor(memory: BoundedMemory<Remembered>) {
    this.#memory = memory;
  }

  remember(client: Client, conversation: string, { parts }: ChatResponse, origin: Origin): void {
    const call = parts.find((part) => part.type === "tool-call");
    if (!call || call.id === "") return;
    const bytes = conversation.length + origin.provider.length + origin.model.length;
    this.#memory.set(keyOf(client, call.id), { kind: "loop", origin, conversation }, bytes);
  }

  /** `last`: who answered the conversation last, as far as that is known. Undefined: it brings no results, or nobody knows. */
  maker(client: Client, conversation: string, request: ChatRequest, last: Origin | undefined): Origin | undefined {
    const results = newResults(request.messages);
    if (results.length === 0) return undefined;
    let other: Origin | undefined;
    for (const { parts } of results) {
      for (const part of parts) {
        const found = part.type === "tool-result" ? this.#memory.get(keyOf(client, part.callId)) : undefined;
        if (found?.kind !== "loop") continue;
        if (found.conversation === conversation) return found.origin;
        other ??= found.origin;
      }
    }
    return last ?? other;
  }
}

/** The results of calls that the request brings for the first time. */
function newResults(messages: readonly Message[]): Message[] {
  const since = messages.slice(messages.findLastIndex(({ role }) => role === "assistant") + 1);
  return since.filter(({ role }) => role === "tool");
}

function keyOf(client: Client, callId: string): string {
  return digest("loop", client.owner, callKeyOf(callId));
}
