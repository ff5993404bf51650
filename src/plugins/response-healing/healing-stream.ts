import type { ChatEvent } from "../../core/event.ts";
import type { AnswerTransform } from "../plugin.ts";
import type { Healed, Repair } from "./heal.ts";
import { type BlockKind, HeldBlock } from "./held-block.ts";

export interface HealingOptions {
  /** JSON was asked for; undefined: text is not looked at at all. */
  asked: boolean | undefined;
  toolCalls: boolean;
  repair: Repair;
  told(healed: Healed, kind: BlockKind): void;
}

/** Heals an answer while it comes. Logprobs and citations of a text that is changed are left out: they are about another one. */
export class HealingStream implements AnswerTransform {
  readonly #options: HealingOptions;
  readonly #blocks = new Map<number, HeldBlock>();

  constructor(options: HealingOptions) {
    this.#options = options;
  }

  event(event: ChatEvent): readonly ChatEvent[] {
    switch (event.type) {
      case "block-start": {
        const before = event.block.type === "tool-call" ? [] : this.#settleText();
        const kind = this.#kindOf(event.block);
        if (kind) this.#blocks.set(event.index, new HeldBlock(kind, this.#options.repair, this.#options.told));
        return [...before, event];
      }
      case "text-delta":
      case "arguments-delta":
        return this.#blocks.get(event.index)?.delta(event) ?? [event];
      case "citation":
        return this.#blocks.get(event.index)?.other(event) ?? [event];
      case "block-end":
        return this.#ended(event);
      case "opaque":
        return [...this.#settleText(), event];
      case "finish":
        return [...this.#settle(event.reason), event];
      case "end":
        return [...this.flush(), event];
      default:
        return [event];
    }
  }

  flush(): readonly ChatEvent[] {
    const events = [...this.#blocks.values()].flatMap((block) => block.release());
    this.#blocks.clear();
    return events;
  }

  #kindOf(block: Extract<ChatEvent, { type: "block-start" }>["block"]): BlockKind | undefined {
    const { asked, toolCalls } = this.#options;
    if (block.type === "text") return asked === undefined ? undefined : { asked };
    return block.type === "tool-call" && block.kind === "function" && toolCalls
      ? { asked: true, tool: block.name }
      : undefined;
  }

  #ended(event: Extract<ChatEvent, { type: "block-end" }>): readonly ChatEvent[] {
    const block = this.#blocks.get(event.index);
    if (!block) return [event];
    const events = block.end(event);
    if (!block.waits) this.#blocks.delete(event.index);
    return events;
  }

  /** Text that goes on in another block was not cut off. */
  #settleText(): ChatEvent[] {
    return this.#settle("more", (kind) => kind.tool === undefined);
  }

  #settle(next: Parameters<HeldBlock["settle"]>[0], which: (kind: BlockKind) => boolean = () => true): ChatEvent[] {
    const events: ChatEvent[] = [];
    for (const [index, block] of this.#blocks) {
      if (!block.waits || !which(block.kind)) continue;
      events.push(...block.settle(next));
      this.#blocks.delete(index);
    }
    return events;
  }
}
