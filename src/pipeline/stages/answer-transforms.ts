import type { ChatEvent } from "../../core/event.ts";
import { type ChatResponse, eventsOf, reduceEvents } from "../../core/response.ts";
import type { AnswerTransform } from "../../plugins/plugin.ts";

/** A plugin's transform of one answer. */
export interface OwnedTransform {
  id: string;
  transform: AnswerTransform;
}

/** The plugins' transforms of one answer, one behind the other. One that fails is out of the way from then on. */
export class AnswerTransforms {
  readonly #list: OwnedTransform[];
  readonly #failed: (id: string, error: unknown) => void;

  constructor(list: readonly OwnedTransform[], failed: (id: string, error: unknown) => void) {
    this.#list = [...list];
    this.#failed = failed;
  }

  /** What goes on in place of these events. */
  apply(events: readonly ChatEvent[]): ChatEvent[] {
    let current = [...events];
    for (const one of [...this.#list]) current = this.#through(one, current);
    return current;
  }

  #through(one: OwnedTransform, events: readonly ChatEvent[]): ChatEvent[] {
    const out: ChatEvent[] = [];
    for (const event of events) {
      if (!this.#list.includes(one)) out.push(event);
      // A failure is told as it is, behind whatever was held back.
      else if (event.type === "error") out.push(...this.#take(one, () => one.transform.flush?.() ?? []), event);
      else out.push(...this.#take(one, () => one.transform.event(event), event));
    }
    return out;
  }

  #take(one: OwnedTransform, make: () => readonly ChatEvent[], ...instead: ChatEvent[]): readonly ChatEvent[] {
    try {
      const made = make();
      if (!Array.isArray(made)) throw new TypeError("it gave no list of events");
      const wrong = made.find((event) => !isEvent(event));
      if (wrong !== undefined) throw new TypeError("it gave what is no event");
      return made;
    } catch (error) {
      this.#list.splice(this.#list.indexOf(one), 1);
      this.#failed(one.id, error);
      return instead;
    }
  }
}

const TYPES: ReadonlySet<unknown> = new Set<ChatEvent["type"]>([
  "start",
  "block-start",
  "text-delta",
  "reasoning-delta",
  "refusal-delta",
  "arguments-delta",
  "citation",
  "block-end",
  "opaque",
  "finish",
  "usage",
  "ping",
  "end",
]);

function isEvent(value: unknown): boolean {
  return typeof value === "object" && value !== null && "type" in value && TYPES.has(value.type);
}

/** A whole answer through a transform. */
export function transformed(response: ChatResponse, transform: AnswerTransform): ChatResponse {
  return reduceEvents(eventsOf(response).flatMap((event) => transform.event(event))).response();
}
