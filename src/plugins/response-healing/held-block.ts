import type { ChatEvent, Finish } from "../../core/event.ts";
import { isObject, tryParseJson } from "../../core/json.ts";
import { type Healed, heal, isPlainlyJson, type Repair } from "./heal.ts";
import { JsonPrefix } from "./json-prefix.ts";

export type Delta = Extract<ChatEvent, { type: "text-delta" | "arguments-delta" }>;
type BlockEnd = Extract<ChatEvent, { type: "block-end" }>;

/** Characters; what is longer is not looked at. */
const MAX_LENGTH = 1024 * 1024;
const FENCE = "```json";

export interface BlockKind {
  /** The tool that is called; undefined: it is text. */
  tool?: string;
  /** It has to be JSON: JSON was asked for, or it is arguments. */
  asked: boolean;
}

/** A block of an answer that may have to be healed: held back as far as that may change it. */
export class HeldBlock {
  readonly kind: BlockKind;
  readonly #repair: Repair;
  readonly #told: (healed: Healed, kind: BlockKind) => void;
  #held: ChatEvent[] = [];
  #text = "";
  #sent = 0;
  /** Of an object or array. */
  #prefix: JsonPrefix | undefined;
  #decided = false;
  #free = false;
  /** Its end came, but only what follows tells whether the rest is missing. */
  #waiting: { end: BlockEnd; healed: Healed } | undefined;

  constructor(kind: BlockKind, repair: Repair, told: (healed: Healed, kind: BlockKind) => void) {
    this.kind = kind;
    this.#repair = repair;
    this.#told = told;
  }

  get waits(): boolean {
    return this.#waiting !== undefined;
  }

  delta(event: Delta): ChatEvent[] {
    if (this.#free) return [event];
    this.#held.push(event);
    this.#text += event.text;
    if (this.#text.length > MAX_LENGTH) return this.release();
    if (!this.#decided) this.#decide();
    else this.#prefix?.feed(event.text);
    if (this.#free || (this.#prefix?.broken && !this.kind.asked && !isPlainlyJson(this.#text))) return this.release();
    return this.#certain();
  }

  /** A citation, say: it stays where it is. */
  other(event: ChatEvent): ChatEvent[] {
    if (this.#held.length === 0) return [event];
    this.#held.push(event);
    return [];
  }

  end(end: BlockEnd): ChatEvent[] {
    const healed = this.#free || this.#prefix?.complete ? undefined : this.#healed();
    if (!healed) return [...this.release(), end];
    if (!healed.faults.includes("cut off")) return this.#changed(healed, end);
    this.#waiting = { end, healed };
    return [];
  }

  /** What follows is known: more text, or why the answer ended. */
  settle(next: Finish["reason"] | "more"): ChatEvent[] {
    if (!this.#waiting) return [];
    const { end, healed } = this.#waiting;
    // Half a tool call is not made a whole one: it might delete the wrong folder.
    const isPart = next === "more" || (this.kind.tool !== undefined && next !== "tool_calls" && next !== "stop");
    return isPart ? this.release() : this.#changed(healed, end);
  }

  /** Everything as it came. */
  release(): ChatEvent[] {
    this.#free = true;
    const events = [...this.#held, ...(this.#waiting ? [this.#waiting.end] : [])];
    this.#held = [];
    this.#waiting = undefined;
    return events;
  }

  #decide(): void {
    const begin = this.#text.trimStart();
    if (begin === "") return;
    this.#decided = true;
    if (begin.startsWith("{") || begin.startsWith("[")) {
      this.#prefix = new JsonPrefix();
      this.#prefix.feed(this.#text);
    } else if (!this.kind.asked) {
      const start = begin.slice(0, FENCE.length).toLowerCase();
      this.#decided = start.length === FENCE.length || !FENCE.startsWith(start);
      this.#free = this.#decided && start !== FENCE;
    }
  }

  /** What no repair would change. */
  #certain(): ChatEvent[] {
    const certain = this.#prefix?.certain ?? 0;
    let count = 0;
    for (const event of this.#held) {
      const length = "text" in event ? event.text.length : 0;
      if (this.#sent + length > certain) break;
      this.#sent += length;
      count++;
    }
    return this.#held.splice(0, count);
  }

  #healed(): Healed | undefined {
    if (this.kind.tool !== undefined && this.#text.trim() === "") return undefined;
    const healed = heal(this.#text, this.kind.asked, this.#repair);
    return this.kind.tool === undefined || isObject(tryParseJson(healed?.text ?? "")) ? healed : undefined;
  }

  #changed(healed: Healed, end: BlockEnd): ChatEvent[] {
    const sent = this.#text.slice(0, this.#sent);
    const text = sent === "" ? healed.text : (/^\s*/.exec(sent)?.[0] ?? "") + healed.text;
    const [first] = this.#held.filter((event) => event.type === "text-delta" || event.type === "arguments-delta");
    this.#waiting = undefined;
    if (!text.startsWith(sent)) return [...this.release(), end];
    this.#told(healed, this.kind);
    this.#held = [];
    const rest = text.slice(sent.length);
    const type = first?.type ?? (this.kind.tool === undefined ? "text-delta" : "arguments-delta");
    return rest === "" ? [end] : [{ type, index: end.index, text: rest }, end];
  }
}
