import type { JsonObject } from "../core/json.ts";
import { inOnePiece } from "../core/one-piece.ts";
import type { ChatRequest } from "../core/request.ts";
import type { BoundedMemory } from "./memory.ts";
import { type Client, digest } from "./owner.ts";
import { type PromptShape, partsAt, shapeOf } from "./prompt-shape.ts";
import type { Origin, Remembered, RememberedPrompt } from "./remembered.ts";

/** How a prompt goes on from the one before it in its conversation. */
export interface Watched {
  /** Of what its provider gets before the messages: the same in all turns of a conversation whose cache holds. */
  prefixHash: string;
  /** Set when the client left the beginning as it was, and the provider gets another. */
  broken?: BrokenPrefix;
  /** It was answered: the next one is compared with it. */
  remember(): void;
}

export interface BrokenPrefix {
  /** A digest: the client's own name for it may say who it is. */
  session: string;
  provider: string;
  model: string;
  /** The first message the provider sees changed; 0 also for all that stands before the messages. */
  message: number;
}

/**
 * Providers bill the beginning of a prompt at a tenth when they have seen it before. The watch remembers, for each conversation
 * of a session the client names, what the client sent and what its provider got, and tells when the router changed what the
 * client did not: the same target gets the same thing written otherwise. That another target has another cache is told as the
 * switch it is.
 */
export class PrefixWatch {
  readonly #memory: BoundedMemory<Remembered>;

  constructor(memory: BoundedMemory<Remembered>) {
    this.#memory = memory;
  }

  /** `sent`: the body the provider gets; undefined when it is the client's own. */
  watch(
    client: Client,
    session: string,
    asked: JsonObject,
    sent: JsonObject | undefined,
    target: Origin,
  ): Watched | undefined {
    const askedShape = shapeOf(asked);
    const sentShape = sent ? shapeOf(sent) : askedShape;
    if (!askedShape || !sentShape) return undefined;
    // Sub-agents and side calls share a session; their tools, their system prompt or their first message tell them apart.
    const first = askedShape.units.subarray(0, askedShape.ends[0]).join();
    const key = digest("prompt", client.owner, session, askedShape.head, first);
    const found = this.#memory.get(key);
    const now: RememberedPrompt = {
      kind: "prompt",
      asked: askedShape.units,
      sent: sentShape.units,
      sentHead: sentShape.head,
      origin: target,
    };
    const remember = () => this.#memory.set(key, now, 4 * (askedShape.units.length + sentShape.units.length) + 200);
    const prefixHash = inOnePiece(digest(target.provider, target.model, sentShape.head).slice(0, 16));
    const before = found?.kind === "prompt" && partsAt(found.asked, askedShape) === undefined ? found : undefined;
    const message = before && brokenAt(before, sentShape, target);
    if (message === undefined) return { prefixHash, remember };
    const { provider, model } = target;
    const told = digest(client.owner, session).slice(0, 16);
    return { prefixHash, remember, broken: { session: told, provider, model, message } };
  }
}

/** What the client calls the conversation; undefined when it does not. */
export function sessionOf({ dialect, identity, cache }: ChatRequest): string | undefined {
  return identity.session ?? cache.key ?? (dialect === "anthropic" ? identity.user : undefined);
}

function brokenAt(before: RememberedPrompt, sent: PromptShape, target: Origin): number | undefined {
  if (before.origin.provider !== target.provider || before.origin.model !== target.model) return undefined;
  return before.sentHead === sent.head ? partsAt(before.sent, sent) : 0;
}
