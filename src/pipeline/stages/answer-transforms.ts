import type { ChatEvent } from "../../core/event.ts";
import { type ChatResponse, eventsOf, reduceEvents } from "../../core/response.ts";
import type { AnswerTransform } from "../../plugins/plugin.ts";
import { AnswerGrammar } from "./answer-grammar.ts";

/** A plugin's transform of one answer. */
export interface OwnedTransform {
  id: string;
  transform: AnswerTransform;
}

/** Who wants to know what a plugin's transform does. */
export interface TransformsOwner {
  /** It changed something. */
  acted(id: string): void;
  failed(id: string, error: unknown): void;
}

/** The plugins' transforms of one answer, one behind the other. One that fails is out of the way from then on. */
export class AnswerTransforms {
  readonly #list: readonly Contained[];

  constructor(list: readonly OwnedTransform[], owner: TransformsOwner) {
    this.#list = list.map((one) => new Contained(one, owner));
  }

  /** What goes on in place of these events. */
  apply(events: readonly ChatEvent[]): ChatEvent[] {
    let current = [...events];
    for (const one of this.#list) current = current.flatMap((event) => one.through(event));
    return current;
  }
}

/** A transform that cannot spoil the answer: what it gives is looked at, and what it takes is kept until it is sent on. */
class Contained {
  readonly #id: string;
  readonly #transform: AnswerTransform;
  readonly #owner: TransformsOwner;
  readonly #grammar = new AnswerGrammar();
  /** What it holds back; undefined once it changed something, since then nobody knows what became of what. */
  #held: Set<ChatEvent> | undefined = new Set();
  #failed = false;

  constructor({ id, transform }: OwnedTransform, owner: TransformsOwner) {
    this.#id = id;
    this.#transform = transform;
    this.#owner = owner;
  }

  through(event: ChatEvent): ChatEvent[] {
    if (this.#failed) return this.#grammar.mended(event);
    this.#held?.add(event);
    const out: ChatEvent[] = [];
    try {
      for (const made of listOf(this.#made(event))) {
        const checked = this.#grammar.checked(made);
        out.push(checked);
        if (this.#held && !this.#held.delete(checked)) this.#acted();
      }
      if (event.type === "end" && this.#held && this.#held.size > 0) this.#acted();
    } catch (error) {
      this.#failed = true;
      this.#owner.failed(this.#id, error);
      for (const left of this.#held ?? [event]) out.push(...this.#grammar.mended(left));
      this.#held = undefined;
    }
    return out;
  }

  /** A failure is told as it is, behind whatever was held back. */
  #made(event: ChatEvent): readonly ChatEvent[] {
    return event.type === "error" ? [...listOf(this.#transform.flush?.() ?? []), event] : this.#transform.event(event);
  }

  #acted(): void {
    this.#held = undefined;
    this.#owner.acted(this.#id);
  }
}

function listOf(made: readonly ChatEvent[]): readonly ChatEvent[] {
  if (!Array.isArray(made)) throw new TypeError("it gave no list of events");
  return made;
}

/** A whole answer through a transform. Throws where it fails. */
export function transformed(response: ChatResponse, transform: AnswerTransform): ChatResponse {
  const grammar = new AnswerGrammar();
  const events = eventsOf(response).flatMap((event) => listOf(transform.event(event)));
  return reduceEvents(events.map((event) => grammar.checked(event))).response();
}
