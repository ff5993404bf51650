import { BoundedMemory } from "../../../conversation/memory.ts";
import { digest } from "../../../conversation/owner.ts";
import type { Clock } from "../../../core/clock.ts";
import { textOf } from "../../../core/part.ts";
import type { ChatRequest, Message } from "../../../core/request.ts";
import type { Source } from "./sources.ts";

/** What was added to a message of a user, or found by a search of the model's own. */
export interface AddedContext {
  text: string;
  sources: readonly Source[];
  addedMs: number;
}

const LIMITS = { maxBytes: 16 * 1024 * 1024, maxEntries: 5_000, ttlMs: 12 * 3_600_000 };

/**
 * What was added to which message, so that later turns carry the same: a conversation that changed in its middle would cost the
 * provider's prompt cache at every turn. In memory only; what it forgets, the turns after go without.
 */
export class ContextMemory {
  readonly #memory: BoundedMemory<AddedContext>;

  constructor(clock: Clock) {
    this.#memory = new BoundedMemory(LIMITS, clock);
  }

  get isEmpty(): boolean {
    return this.#memory.size === 0;
  }

  get(key: string): AddedContext | undefined {
    return this.#memory.get(key);
  }

  set(key: string, context: AddedContext): void {
    const bytes = context.sources.reduce(
      (sum, { url, title, text }) => sum + 2 * (url.length + title.length + text.length),
      0,
    );
    this.#memory.set(key, context, bytes + 2 * context.text.length);
  }
}

/** The name of a search's results in the memory; `id`: its `writtenId`. */
export function searchKey(conversation: string, id: string): string {
  return digest("web-search", conversation, id);
}

/** A user's message with the name it has in the memory, the same at every turn. */
export interface NamedMessage {
  message: Message;
  key: string;
}

/** Those that a user wrote, in order: what stands behind results of tools is the client's own. */
export function userMessages({ messages }: ChatRequest, conversation: string): NamedMessage[] {
  const named: NamedMessage[] = [];
  for (const [index, message] of messages.entries()) {
    if (message.role !== "user" || messages[index - 1]?.role === "tool") continue;
    const text = textOf(message.parts, "\n");
    if (text.trim() !== "") named.push({ message, key: digest("web", conversation, String(named.length), text) });
  }
  return named;
}
