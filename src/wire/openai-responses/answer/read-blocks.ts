import type { BlockStart, ChatEvent } from "../../../core/event.ts";
import type { Citation, OpaquePart, OpaqueState, TokenLogprob } from "../../../core/part.ts";

interface Block {
  index: number;
  type: BlockStart["type"];
  open: boolean;
}

/**
 * Pieces of text → blocks of the vocabulary. A piece is what the API calls by (item, content part): its text comes in deltas,
 * or whole in a done event, or both; what was seen once is not told again. One block may hold several pieces (the parts of a
 * reasoning summary).
 */
export class ReadBlocks {
  #next = 0;
  readonly #blocks = new Map<string, Block>();
  /** Text seen, by piece. */
  readonly #seen = new Map<string, string>();
  /** Tokens seen, by piece. */
  readonly #tokens = new Map<string, number>();
  /** The piece whose text was told last. */
  #last = "";
  #textLike: Block | undefined;

  has(key: string): boolean {
    return this.#blocks.has(key);
  }

  /** Opens the block if it is not open; text-like blocks end the one before them. */
  open(key: string, start: BlockStart, out: ChatEvent[]): number {
    const known = this.#blocks.get(key);
    if (known?.open) return known.index;
    const block: Block = { index: this.#next++, type: start.type, open: true };
    if (start.type !== "tool-call") {
      this.#end(this.#textLike, out);
      this.#textLike = block;
    }
    this.#blocks.set(key, block);
    out.push({ type: "block-start", index: block.index, block: start });
    return block.index;
  }

  append(key: string, piece: string, start: BlockStart, text: string, out: ChatEvent[]): void {
    if (text === "") return;
    const before = this.#seen.get(piece);
    const follows = before === undefined && key !== piece && this.#blocks.get(key)?.open === true;
    const index = this.open(key, start, out);
    this.#seen.set(piece, (before ?? "") + text);
    this.#last = piece;
    out.push(deltaOf(start.type, index, follows ? `\n\n${text}` : text));
  }

  /** More of the text that `append` told last, to whoever was to hear it. */
  said(text: string): void {
    this.#seen.set(this.#last, (this.#seen.get(this.#last) ?? "") + text);
  }

  /**
   * The whole text of a piece: tells what its deltas left out, all of it when there were none. A whole that does not begin as
   * the deltas did adds nothing: what was told cannot be taken back.
   */
  complete(key: string, piece: string, start: BlockStart, whole: string, out: ChatEvent[]): void {
    const seen = this.#seen.get(piece) ?? "";
    if (whole.startsWith(seen)) this.append(key, piece, start, whole.slice(seen.length), out);
  }

  /** A piece of text with its tokens: those of a whole that were told before are not told again. */
  tokens(piece: string, text: string, logprobs: TokenLogprob[], whole: boolean, out: ChatEvent[]): void {
    const before = this.#tokens.get(piece) ?? 0;
    const seen = this.#seen.get(piece) ?? "";
    const fresh = whole ? logprobs.slice(before) : logprobs;
    const rest = whole ? (text.startsWith(seen) ? text.slice(seen.length) : "") : text;
    // What comes after the end of its block is too late.
    const late = rest === "" && this.#blocks.get(piece)?.open !== true;
    if (fresh.length === 0 || late) return this.append(piece, piece, { type: "text" }, rest, out);
    this.#tokens.set(piece, before + fresh.length);
    this.#seen.set(piece, seen + rest);
    out.push({ type: "text-delta", index: this.open(piece, { type: "text" }, out), text: rest, logprobs: fresh });
  }

  cite(key: string, citation: Citation, out: ChatEvent[]): void {
    const block = this.#blocks.get(key);
    if (block?.open) out.push({ type: "citation", index: block.index, citation });
  }

  end(key: string, out: ChatEvent[], state?: OpaqueState): void {
    this.#end(this.#blocks.get(key), out, state);
  }

  opaque(part: OpaquePart, out: ChatEvent[]): void {
    this.#end(this.#textLike, out);
    out.push({ type: "opaque", index: this.#next++, part });
  }

  endAll(out: ChatEvent[]): void {
    for (const block of this.#blocks.values()) this.#end(block, out);
  }

  #end(block: Block | undefined, out: ChatEvent[], state?: OpaqueState): void {
    if (!block?.open) return;
    block.open = false;
    if (this.#textLike === block) this.#textLike = undefined;
    out.push(
      state === undefined
        ? { type: "block-end", index: block.index }
        : { type: "block-end", index: block.index, state },
    );
  }
}

function deltaOf(type: BlockStart["type"], index: number, text: string): ChatEvent {
  switch (type) {
    case "text":
      return { type: "text-delta", index, text };
    case "reasoning":
      return { type: "reasoning-delta", index, text };
    case "refusal":
      return { type: "refusal-delta", index, text };
    case "tool-call":
      return { type: "arguments-delta", index, text };
  }
}
