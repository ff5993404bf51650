import type { CompleteEvent, RouterEvent } from "../../../record/events.ts";
import type { Sink } from "../../../record/recorder.ts";
import type { Wanted } from "../messages.ts";
import type { Link } from "./link.ts";

const ALWAYS: readonly RouterEvent["type"][] = ["start", "complete", "log"];

/** Tells the primary what happens here: that exchanges begin and end, and the events of which somebody there wants to know. */
export class ForwardSink implements Sink {
  readonly active = true;
  readonly completeOnly = false;
  /** Made where it is wanted. */
  readonly ignoresJson = true;
  readonly #link: Link;
  #wanted: Wanted = { types: [], lean: true };
  #types: ReadonlySet<RouterEvent["type"]> = new Set(ALWAYS);

  constructor(link: Link) {
    this.#link = link;
  }

  get types(): ReadonlySet<RouterEvent["type"]> {
    return this.#types;
  }

  get wantsProgress(): boolean {
    return this.#wanted.types.includes("progress");
  }

  wants(wanted: Wanted): void {
    this.#wanted = wanted;
    this.#types = new Set([...ALWAYS, ...wanted.types]);
  }

  take(event: RouterEvent, json: string): void {
    if (event.type === "start") {
      const { type: _, preview: __, in_flight: ___, ...exchange } = event;
      this.#link.tell({ is: "began", exchange });
    }
    if (event.type === "log" || this.#wanted.types.includes(event.type)) {
      const text = this.#textOf(event, json);
      this.#link.tell({ is: "event", type: event.type, json: text }, false, text.length);
    }
    if (event.type === "complete") this.#link.tell({ is: "ended", id: event.id });
  }

  #textOf(event: RouterEvent, json: string): string {
    if (event.type === "complete" && this.#wanted.lean) return JSON.stringify(withoutContent(event));
    return json === "" ? JSON.stringify(event) : json;
  }
}

/** What is counted is all there. */
function withoutContent(event: CompleteEvent): CompleteEvent {
  return {
    ...event,
    system: null,
    messages: [],
    response: event.response && { ...event.response, content: "", tool_calls: [] },
  };
}
