import type { BlockStart, ChatEvent } from "../../core/event.ts";
import { isObject } from "../../core/json.ts";

type BlockType = BlockStart["type"];

const DELTA_OF: ReadonlyMap<string, BlockType> = new Map([
  ["text-delta", "text"],
  ["reasoning-delta", "reasoning"],
  ["refusal-delta", "refusal"],
  ["arguments-delta", "tool-call"],
  ["citation", "text"],
]);
const BLOCK_TYPES: ReadonlySet<unknown> = new Set<BlockType>(["text", "reasoning", "refusal", "tool-call"]);

/** How far an answer has come, by the grammar of `ChatEvent`: what plugins make of one has to keep to it. */
export class AnswerGrammar {
  readonly #open = new Map<number, BlockType>();
  #started = false;
  #next = 0;
  #finished = false;
  #closed = false;
  /** Of blocks that got another index in `mended`. */
  readonly #renumbered = new Map<number, number>();

  /** The event, when it is one and may come now; throws saying what is wrong. */
  checked(value: unknown): ChatEvent {
    if (!isEvent(value)) throw new TypeError("it gave what is no event");
    if (this.#closed) throw new TypeError(`it gave ${value.type} behind the end`);
    const wrong = this.#wrong(value);
    if (wrong !== undefined) throw new TypeError(`it gave ${value.type} ${wrong}`);
    this.#take(value);
    return value;
  }

  /** What is left of an event that does not follow on what was said so far: of an answer that somebody half changed. */
  mended(event: ChatEvent): ChatEvent[] {
    if (this.#closed || (event.type === "start" && this.#started) || (event.type === "finish" && this.#finished))
      return [];
    if (event.type === "finish" || event.type === "end") return this.#all([...this.#endsOf(() => true), event]);
    if (!("index" in event)) return this.#all([event]);
    if (this.#finished) return [];
    if (event.type !== "block-start" && event.type !== "opaque") {
      const index = this.#renumbered.get(event.index) ?? event.index;
      const type = this.#open.get(index);
      const fits = type !== undefined && (event.type === "block-end" || type === DELTA_OF.get(event.type));
      return fits ? this.#all([index === event.index ? event : { ...event, index }]) : [];
    }
    const before = event.type === "opaque" || event.block.type !== "tool-call" ? this.#endsOf(isTextLike) : [];
    const index = this.#next;
    this.#renumbered.set(event.index, index);
    return this.#all([...before, index === event.index ? event : { ...event, index }]);
  }

  #all(events: ChatEvent[]): ChatEvent[] {
    for (const event of events) this.#take(event);
    return events;
  }

  #endsOf(which: (type: BlockType) => boolean): ChatEvent[] {
    return [...this.#open].filter(([, type]) => which(type)).map(([index]) => ({ type: "block-end", index }));
  }

  #wrong(event: ChatEvent): string | undefined {
    switch (event.type) {
      case "start":
        return this.#started ? "twice" : undefined;
      case "finish":
        if (this.#finished) return "twice";
        return this.#open.size > 0 ? "while a block is open" : undefined;
      case "end":
        return this.#finished ? undefined : "without a finish";
      case "opaque":
        if (this.#finished) return "behind the finish";
        return event.index === this.#next ? undefined : "with an index that is not the next";
      case "block-start":
        if (this.#finished) return "behind the finish";
        if (event.index !== this.#next) return "with an index that is not the next";
        if (!isTextLike(event.block.type) || ![...this.#open.values()].some(isTextLike)) return undefined;
        return "while another is open";
      case "block-end":
        return this.#open.has(event.index) ? undefined : "of a block that is not open";
      case "usage":
      case "ping":
      case "error":
        return undefined;
      default:
        return this.#open.get(event.index) === DELTA_OF.get(event.type) ? undefined : "of a block that is not open";
    }
  }

  #take(event: ChatEvent): void {
    if (event.type === "start") this.#started = true;
    else if (event.type === "finish") this.#finished = true;
    else if (event.type === "end" || event.type === "error") this.#closed = true;
    else if (event.type === "block-end") this.#open.delete(event.index);
    else if (event.type === "block-start") this.#open.set(event.index, event.block.type);
    if (event.type === "block-start" || event.type === "opaque") this.#next++;
  }
}

function isTextLike(type: BlockType): boolean {
  return type !== "tool-call";
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

/** Has what writers read of it. */
function isEvent(value: unknown): value is ChatEvent {
  if (!isObject(value)) return false;
  const { type, index, text, block, usage } = value;
  switch (type) {
    case "start":
      return typeof value["id"] === "string" && typeof value["model"] === "string";
    case "finish":
      return typeof value["reason"] === "string";
    case "usage":
      return isObject(usage) && typeof usage["input"] === "number" && typeof usage["output"] === "number";
    case "ping":
    case "end":
      return true;
    case "error":
      return isObject(value["failure"]);
    case "block-end":
      return typeof index === "number";
    case "citation":
      return typeof index === "number" && isObject(value["citation"]);
    case "opaque":
      return typeof index === "number" && isObject(value["part"]);
    case "block-start":
      if (typeof index !== "number" || !isObject(block) || !BLOCK_TYPES.has(block["type"])) return false;
      return block["type"] !== "tool-call" || (isText(block["id"]) && isText(block["name"]));
    default:
      return typeof type === "string" && DELTA_OF.has(type) && typeof index === "number" && typeof text === "string";
  }
}
