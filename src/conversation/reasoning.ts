import type { Loss } from "../core/loss.ts";
import { type Part, type ToolCallPart, textOf } from "../core/part.ts";
import type { ChatRequest, Message } from "../core/request.ts";
import type { ChatResponse } from "../core/response.ts";
import { legalToolId } from "../wire/tools/ids.ts";
import type { BoundedMemory } from "./memory.ts";
import { type Client, digest } from "./owner.ts";
import type { Origin, Remembered, RememberedCall, StateTarget } from "./remembered.ts";
import { takesState, withoutForeignState } from "./state.ts";

export interface Restored {
  request: ChatRequest;
  losses: Loss[];
}

/** Clients of Responses get ids cut to 64 characters; both forms of an id have one key. */
const CALL_ID = { pattern: /^[\s\S]+$/, max: 64 };

/**
 * Reasoning state beside the conversation: what providers sign or encrypt and want back with the results of their tool calls,
 * but the client's API has no room for. Kept for each call under the owner, the session, the user message the call answers
 * (ids made by the router itself are only unique within a conversation) and the call's id.
 */
export class ReasoningMemory {
  readonly #memory: BoundedMemory<Remembered>;
  /** All that ever made state here: with a single one nothing can be foreign. */
  readonly #providers = new Set<string>();

  constructor(memory: BoundedMemory<Remembered>) {
    this.#memory = memory;
  }

  /**
   * Remembers the calls of a whole answer. `carried`: the client got the provider's own bytes and brings the state back
   * itself, so only the origin is kept. `withText`: the provider wants unsigned reasoning back as well.
   */
  remember(
    client: Client,
    request: ChatRequest,
    response: ChatResponse,
    origin: Origin,
    { carried, withText }: { carried: boolean; withText: boolean },
  ): void {
    this.#providers.add(origin.provider);
    const anchor = anchorOf(request.messages.findLast(({ role }) => role === "user"));
    let call = emptyCall(origin);
    let sawText = false;
    for (const part of response.parts) {
      if (part.type === "reasoning") {
        if (!carried && (part.state || withText)) (sawText ? call.trailing : call.leading).push(part);
      } else if (part.type === "tool-call") {
        if (!carried && part.state) call.state = part.state;
        const key = keyOf(client, request, anchor, part.id);
        if (part.id !== "") this.#memory.set(key, call, bytesOf(call));
        call = emptyCall(origin);
        sawText = false;
      } else sawText = true;
    }
  }

  /** An answer without state, to the same question and with the same call ids as one that had some, takes its place. */
  supersede(client: Client, request: ChatRequest, response: ChatResponse): void {
    if (this.#memory.size === 0) return;
    const anchor = anchorOf(request.messages.findLast(({ role }) => role === "user"));
    for (const part of response.parts) if (isCall(part)) this.#memory.delete(keyOf(client, request, anchor, part.id));
  }

  /** Who waits for the tool results the request ends in: the maker of the calls, if they have state. */
  pending(client: Client, request: ChatRequest): Origin | undefined {
    if (this.#memory.size === 0) return undefined;
    const { messages } = request;
    const at = messages.findLastIndex(({ role }) => role === "assistant");
    const message = messages[at];
    if (!message || !messages.slice(at + 1).some(({ role }) => role === "tool")) return undefined;
    const anchor = anchorOf(messages.slice(0, at).findLast(({ role }) => role === "user"));
    for (const part of message.parts) {
      const found = isCall(part) && this.#find(keyOf(client, request, anchor, part.id));
      if (found) return found.origin;
    }
    return undefined;
  }

  /** True when the client may carry state that another provider made: only then passing its bytes on needs a look. */
  mayBeForeign(provider: string): boolean {
    return this.#memory.size > 0 && (this.#providers.size > 1 || !this.#providers.has(provider));
  }

  /**
   * Puts back, before each call, what the client did not bring of it; and takes out what it did bring but another provider
   * than the target made. State of the turn under way that cannot be sent is a loss that is reported; of earlier turns, which
   * providers do not need, a silent one.
   */
  restore(client: Client, request: ChatRequest, target: StateTarget): Restored {
    const restored: Restored = { request, losses: [] };
    if (this.#memory.size === 0) return restored;
    const lastUser = request.messages.findLastIndex(({ role }) => role === "user");
    let messages: Message[] | undefined;
    let anchor: string | undefined;
    let user: Message | undefined;
    for (const [index, message] of request.messages.entries()) {
      if (message.role === "user") {
        user = message;
        anchor = undefined;
      }
      if (message.role !== "assistant" || !message.parts.some(isCall)) continue;
      anchor ??= anchorOf(user);
      const calls = this.#callsOf(client, request, anchor, message);
      if (calls.size === 0) continue;
      const { parts, foreign } = partsFor(message.parts, calls, target);
      if (foreign !== undefined) {
        const severity = index > lastUser ? "report" : "silent";
        const treatment = `dropped(state of ${foreign})`;
        restored.losses.push({ field: `messages[${index}].reasoning`, treatment, class: severity });
      }
      if (parts === message.parts) continue;
      messages ??= [...request.messages];
      messages[index] = { ...message, parts };
    }
    if (messages) restored.request = { ...request, messages };
    return restored;
  }

  /** The provider refused what was remembered for the request's calls. */
  forget(client: Client, request: ChatRequest): void {
    if (this.#memory.size === 0) return;
    let user: Message | undefined;
    for (const message of request.messages) {
      if (message.role === "user") user = message;
      else if (message.role === "assistant") {
        for (const part of message.parts)
          if (isCall(part)) this.#memory.delete(keyOf(client, request, anchorOf(user), part.id));
      }
    }
  }

  #callsOf(client: Client, request: ChatRequest, anchor: string, message: Message): Map<string, RememberedCall> {
    const calls = new Map<string, RememberedCall>();
    for (const part of message.parts) {
      if (!isCall(part)) continue;
      const found = this.#find(keyOf(client, request, anchor, part.id));
      if (found) calls.set(part.id, found);
    }
    return calls;
  }

  #find(key: string): RememberedCall | undefined {
    const found = this.#memory.get(key);
    return found?.kind === "call" ? found : undefined;
  }
}

/** The parts of an assistant message for the target; `foreign` names a provider whose state is not sent. */
function partsFor(
  parts: Part[],
  calls: ReadonlyMap<string, RememberedCall>,
  target: StateTarget,
): { parts: Part[]; foreign?: string } {
  if (parts.some((part) => "state" in part && part.state !== undefined)) {
    const foreign = [...calls.values()].find(({ origin }) => origin.provider !== target.provider);
    if (!foreign) return { parts };
    const own = withoutForeignState(parts, target.dialect);
    return own === parts ? { parts } : { parts: own, foreign: foreign.origin.provider };
  }
  const held = [...calls.values()].filter(holdsState);
  const refused = held.find((call) => !isUsable(call, target));
  if (held.length === 0) return { parts };
  const merged = refused === undefined || held.length > 1 ? withRemembered(parts, calls, target) : parts;
  return refused === undefined ? { parts: merged } : { parts: merged, foreign: refused.origin.provider };
}

function withRemembered(
  parts: readonly Part[],
  calls: ReadonlyMap<string, RememberedCall>,
  target: StateTarget,
): Part[] {
  const merged: Part[] = [];
  let before: Part[] = [];
  for (const part of parts) {
    if (!isCall(part)) {
      before.push(part);
      continue;
    }
    const call = calls.get(part.id);
    if (call && holdsState(call) && isUsable(call, target)) {
      // What the client kept of the reasoning is in what was remembered, whole.
      const hasReasoning = call.leading.length + call.trailing.length > 0;
      const rest = hasReasoning ? before.filter(({ type }) => type !== "reasoning") : before;
      merged.push(...call.leading, ...rest, ...call.trailing, call.state ? { ...part, state: call.state } : part);
    } else merged.push(...before, part);
    before = [];
  }
  return [...merged, ...before];
}

function isUsable({ origin, leading, trailing, state }: RememberedCall, target: StateTarget): boolean {
  if (origin.provider !== target.provider) return false;
  const states = [...leading, ...trailing].map((part) => part.state);
  return [...states, state].every((one) => takesState(one, origin, target));
}

function holdsState({ leading, trailing, state }: RememberedCall): boolean {
  return leading.length > 0 || trailing.length > 0 || state !== undefined;
}

function emptyCall(origin: Origin): RememberedCall {
  return { kind: "call", origin, leading: [], trailing: [] };
}

function isCall(part: Part): part is ToolCallPart {
  return part.type === "tool-call";
}

function keyOf(client: Client, request: ChatRequest, anchor: string, callId: string): string {
  return digest("call", client.owner, request.identity.session ?? "", anchor, callKeyOf(callId));
}

/** The same for both forms of an id. */
export function callKeyOf(callId: string): string {
  return legalToolId(callId, CALL_ID);
}

function anchorOf(user: Message | undefined): string {
  return user ? digest(textOf(user.parts, "\n")) : "";
}

/** Text may take two bytes for each character, base64 takes one. */
function bytesOf({ leading, trailing, state }: RememberedCall): number {
  let bytes = state?.value.length ?? 0;
  for (const part of [...leading, ...trailing]) bytes += 2 * part.text.length + (part.state?.value.length ?? 0) + 200;
  return bytes;
}
