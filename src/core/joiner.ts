import type { Continuation } from "./continuation.ts";
import { estimateTextTokens } from "./estimate/estimate.ts";
import type { ChatEvent } from "./event.ts";
import { addUsage, type Usage } from "./usage.ts";

/** Makes the events of the target that goes on with an answer the rest of that answer: one text, one grammar. */
export class Joiner {
  readonly #of: Continuation;
  #next: number;
  /** The block the client still has open. */
  #open: number | undefined;
  /** Its indices → ours. */
  readonly #indices = new Map<number, number>();
  /** Its first block of text, which may begin with what is known. */
  #firstText: number | undefined;
  #begun = false;
  /** Text that may still turn out to be the known one, told again; undefined once that is settled. */
  #held: string | undefined = "";
  /** White space the client has, as far as the provider has not yet said it again. */
  #space: string;
  #dropped = 0;
  #heard = false;
  #received = "";
  #usage: Usage | undefined;

  constructor(continuation: Continuation) {
    this.#of = continuation;
    this.#next = continuation.place.next;
    this.#open = continuation.place.open?.index;
    this.#space = continuation.trimmed;
  }

  /** What the whole answer has cost so far. */
  get spent(): Usage {
    return this.#heard ? addUsage(this.#of.spent, this.own) : this.#of.spent;
  }

  /** What the one that goes on has cost. */
  get own(): Usage {
    return this.#usage ?? this.#estimated();
  }

  /** The same; undefined while nothing came of it. */
  get heard(): Usage | undefined {
    return this.#heard ? this.own : undefined;
  }

  /** After an `error` nothing follows. */
  join(events: readonly ChatEvent[]): ChatEvent[] {
    const out: ChatEvent[] = [];
    for (const event of events) {
      this.#heard = true;
      this.#take(event, out);
      if (out.at(-1)?.type === "error") break;
    }
    return out;
  }

  #take(event: ChatEvent, out: ChatEvent[]): void {
    switch (event.type) {
      case "start":
        this.#usage = event.usage;
        return;
      case "usage":
        this.#usage = event.usage;
        return;
      case "block-start":
        return this.#start(event, out);
      case "text-delta":
        return this.#text(event, out);
      case "reasoning-delta":
      case "refusal-delta":
      case "arguments-delta":
        out.push({ ...event, index: this.#indexOf(event.index) });
        return;
      case "citation":
        return this.#cite(event, out);
      case "block-end": {
        if (event.index === this.#firstText) this.#release(out);
        const index = this.#indexOf(event.index);
        if (index === this.#open) this.#open = undefined;
        out.push({ ...event, index });
        return;
      }
      case "opaque":
        this.#close(out);
        out.push({ ...event, index: this.#newIndex(event.index) });
        return;
      case "finish":
        this.#close(out);
        out.push(event);
        return;
      case "end":
        this.#close(out);
        out.push({ type: "usage", usage: this.spent }, event);
        return;
      case "ping":
      case "error":
        out.push(event);
        return;
    }
  }

  #start(event: Extract<ChatEvent, { type: "block-start" }>, out: ChatEvent[]): void {
    const { type } = event.block;
    // Whoever thinks first, or says no, answers anew.
    if (!this.#begun && (type === "reasoning" || type === "refusal"))
      return void out.push(brokenOff(`the target did not go on with the text, but began with ${type}`));
    this.#begun = true;
    if (type === "text" && this.#firstText === undefined) {
      this.#firstText = event.index;
      if (this.#open !== undefined) return void this.#indices.set(event.index, this.#open);
    }
    this.#close(out);
    out.push({ ...event, index: this.#newIndex(event.index) });
  }

  #text(event: Extract<ChatEvent, { type: "text-delta" }>, out: ChatEvent[]): void {
    const text = event.index === this.#firstText ? this.#fresh(event.text) : event.text;
    this.#received += event.text;
    if (text !== "") out.push({ ...event, index: this.#indexOf(event.index), text });
  }

  /** What of the text the client does not have yet. */
  #fresh(text: string): string {
    if (this.#held === undefined) return this.#behindSpace(text);
    const known = this.#of.text;
    const so = this.#held + text;
    if (so.length < known.length && known.startsWith(so)) {
      this.#held = so;
      return "";
    }
    this.#held = undefined;
    if (!so.startsWith(known)) return this.#behindSpace(so);
    this.#dropped += known.length;
    return this.#behindSpace(so.slice(known.length));
  }

  #behindSpace(text: string): string {
    let same = 0;
    while (same < text.length && same < this.#space.length && text[same] === this.#space[same]) same++;
    if (text.length > 0) this.#space = same === text.length ? this.#space.slice(same) : "";
    this.#dropped += same;
    return text.slice(same);
  }

  /** The first text is over, and was only the beginning of what is known: then it was meant. */
  #release(out: ChatEvent[]): void {
    const held = this.#held;
    this.#held = undefined;
    if (!held || this.#firstText === undefined) return;
    const text = this.#behindSpace(held);
    if (text !== "") out.push({ type: "text-delta", index: this.#indexOf(this.#firstText), text });
  }

  #cite(event: Extract<ChatEvent, { type: "citation" }>, out: ChatEvent[]): void {
    const { citation } = event;
    const { open } = this.#of.place;
    const index = this.#indexOf(event.index);
    const shift = (event.index === this.#firstText ? -this.#dropped : 0) + (index === open?.index ? open.length : 0);
    const at = (offset: number | undefined) => (offset === undefined ? undefined : Math.max(0, offset + shift));
    const [start, end] = [at(citation.start), at(citation.end)];
    const moved = { ...citation, ...(start !== undefined && { start }), ...(end !== undefined && { end }) };
    out.push({ ...event, index, citation: moved });
  }

  #close(out: ChatEvent[]): void {
    this.#release(out);
    if (this.#open === undefined) return;
    out.push({ type: "block-end", index: this.#open });
    this.#open = undefined;
  }

  #newIndex(theirs: number): number {
    const ours = this.#next++;
    this.#indices.set(theirs, ours);
    return ours;
  }

  #indexOf(theirs: number): number {
    return this.#indices.get(theirs) ?? this.#newIndex(theirs);
  }

  #estimated(): Usage {
    const { input, output } = this.#of.spent;
    const none = { cachedRead: 0, cacheWrite: 0, cacheWriteLong: 0, reasoning: 0, reported: false };
    return { ...none, input: input + output, output: estimateTextTokens(this.#received) };
  }
}

function brokenOff(message: string): ChatEvent {
  return { type: "error", failure: { kind: "malformed", message } };
}
