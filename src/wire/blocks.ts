import type { BlockStart, ChatEvent, Finish, FinishReason } from "../core/event.ts";
import type { OpaqueState, TokenLogprob } from "../core/part.ts";

/**
 * For readers of dialects without explicit blocks (Chat, Ollama): opens a block when its kind first appears, closes
 * text-like blocks when another kind comes, keeps tool-call blocks open until the finish, because their deltas interleave.
 */
export class ImplicitBlocks {
  #next = 0;
  #open: { type: "text" | "reasoning" | "refusal"; index: number } | undefined;
  readonly #tools = new Map<string | number, number>();
  readonly #toolStates = new Map<string | number, OpaqueState>();
  #sawTool = false;

  text(text: string, out: ChatEvent[], logprobs?: TokenLogprob[]): void {
    if (text === "" && !logprobs) return;
    out.push({ type: "text-delta", index: this.#ensure("text", out), text, ...(logprobs && { logprobs }) });
  }

  reasoning(text: string, out: ChatEvent[]): void {
    if (text !== "") out.push({ type: "reasoning-delta", index: this.#ensure("reasoning", out), text });
  }

  refusal(text: string, out: ChatEvent[]): void {
    if (text !== "") out.push({ type: "refusal-delta", index: this.#ensure("refusal", out), text });
  }

  /** State that belongs to the reasoning just read; opens and closes an empty block when none is open. */
  reasoningState(state: OpaqueState, out: ChatEvent[]): void {
    const index = this.#ensure("reasoning", out);
    this.#open = undefined;
    out.push({ type: "block-end", index, state });
  }

  /** The index of the text block now open, opening one if need be (for citations). */
  textIndex(out: ChatEvent[]): number {
    return this.#ensure("text", out);
  }

  /** The index for an opaque block, which comes whole between the others. */
  opaqueIndex(out: ChatEvent[]): number {
    this.closeText(out);
    return this.#next++;
  }

  hasTool(key: string | number): boolean {
    return this.#tools.has(key);
  }

  /** `key` is whatever the dialect tells calls apart by. */
  openTool(key: string | number, block: Extract<BlockStart, { type: "tool-call" }>, out: ChatEvent[]): void {
    this.closeText(out);
    this.closeTool(key, out);
    this.#sawTool = true;
    const index = this.#next++;
    this.#tools.set(key, index);
    out.push({ type: "block-start", index, block });
  }

  toolArguments(key: string | number, text: string, out: ChatEvent[]): void {
    const index = this.#tools.get(key);
    if (index !== undefined && text !== "") out.push({ type: "arguments-delta", index, text });
  }

  /** State that belongs to a call; it may come before the call has opened. */
  toolState(key: string | number, state: OpaqueState): void {
    this.#toolStates.set(key, state);
  }

  /** For dialects that say when a call is complete, or send it whole (Ollama, Gemini). */
  closeTool(key: string | number, out: ChatEvent[], state = this.#toolStates.get(key)): void {
    const index = this.#tools.get(key);
    if (index === undefined) return;
    this.#tools.delete(key);
    this.#toolStates.delete(key);
    out.push({ type: "block-end", index, ...(state && { state }) });
  }

  closeText(out: ChatEvent[]): void {
    if (!this.#open) return;
    out.push({ type: "block-end", index: this.#open.index });
    this.#open = undefined;
  }

  /**
   * Closes every block and says why the answer ended. Servers that say `stop` after tool calls mean `tool_calls`; a
   * `length` stays one, since the arguments may be truncated.
   */
  finish(reason: FinishReason, native: string, out: ChatEvent[], refusal?: Finish["refusal"]): void {
    this.closeText(out);
    for (const key of [...this.#tools.keys()]) this.closeTool(key, out);
    const stopped = reason === "stop" || reason === "other";
    out.push({
      type: "finish",
      reason: this.#sawTool && stopped ? "tool_calls" : reason,
      native,
      ...(refusal && { refusal }),
    });
  }

  #ensure(type: "text" | "reasoning" | "refusal", out: ChatEvent[]): number {
    if (this.#open?.type === type) return this.#open.index;
    this.closeText(out);
    const index = this.#next++;
    this.#open = { type, index };
    out.push({ type: "block-start", index, block: { type } });
    return index;
  }
}

/**
 * For writers of dialects whose blocks must not overlap (Anthropic, Responses): lets one block through, holds the events of
 * the others until it ends, then gives them out in order of opening. Events without a block pass at once, but `finish` and
 * `end` first let out everything held, and end the blocks that did not. `error` lets out nothing: a call cut in its middle
 * must not look complete, and what waits behind it could only be shown by overlapping it.
 */
export class BlockSequencer {
  readonly #next: (event: ChatEvent) => void;
  #open: number | undefined;
  readonly #held = new Map<number, ChatEvent[]>();

  constructor(next: (event: ChatEvent) => void) {
    this.#next = next;
  }

  push(event: ChatEvent): void {
    if (!("index" in event)) {
      if (event.type === "finish" || event.type === "end") this.#flush();
      this.#next(event);
      return;
    }
    if (this.#open !== undefined && event.index !== this.#open) {
      const held = this.#held.get(event.index);
      if (held) held.push(event);
      else this.#held.set(event.index, [event]);
      return;
    }
    this.#pass(event);
    if (this.#open === undefined) this.#release();
  }

  #pass(event: ChatEvent): void {
    if (event.type === "block-start") this.#open = event.index;
    this.#next(event);
    if (event.type === "block-end") this.#open = undefined;
  }

  /** Gives out held blocks, in order, until one that has not ended yet: that one is now open. */
  #release(): void {
    for (const [index, events] of this.#held) {
      if (this.#open !== undefined) return;
      this.#held.delete(index);
      for (const event of events) this.#pass(event);
    }
  }

  #flush(): void {
    while (this.#open !== undefined) {
      this.#pass({ type: "block-end", index: this.#open });
      this.#release();
    }
  }
}
