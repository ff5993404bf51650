import type { RouterEvent } from "./events.ts";
import { jsonOf } from "./record-json.ts";

/**
 * Where events go. `take` must return at once and never throw: a sink queues, counts what it drops, and deals with its own
 * troubles. `json` is the event as one line without its line end, made at most once for all sinks.
 */
export interface Sink {
  /** False while nobody listens: events that no sink wants are not even built. */
  readonly active: boolean;
  /** Wants only `complete` events. */
  readonly completeOnly: boolean;
  /** Wants `progress` events, of which there are many; absent: it does not. */
  readonly wantsProgress?: boolean;
  /** It looks at the event alone: its `json` may be empty, where no other sink wants it. */
  readonly ignoresJson?: true;
  /** Wants events of these types only; absent: of all. */
  readonly types?: ReadonlySet<RouterEvent["type"]>;
  take(event: RouterEvent, json: string): void;
}

/** Gives every event to every sink that listens. */
export class Recorder {
  readonly #sinks: readonly Sink[];

  constructor(sinks: readonly Sink[]) {
    this.#sinks = sinks;
  }

  /** Somebody listens to what is being said: only then is it worth looking at. */
  get wantsProgress(): boolean {
    return this.#sinks.some((sink) => sink.active && sink.wantsProgress === true);
  }

  /** Somebody is told of the whole exchange when it is over: what was asked will be looked at once more. */
  get wantsComplete(): boolean {
    return this.#sinks.some((sink) => wants(sink, "complete"));
  }

  /** Takes a function, so that nothing is built when nobody listens. */
  record(type: RouterEvent["type"], build: () => RouterEvent): void {
    let event: RouterEvent | undefined;
    let json = "";
    for (const sink of this.#sinks) {
      if (!wants(sink, type)) continue;
      event ??= build();
      if (json === "" && !sink.ignoresJson) json = jsonOf(event);
      sink.take(event, json);
    }
  }

  /** Somebody listens to events of this type. */
  wants(type: RouterEvent["type"]): boolean {
    return this.#sinks.some((sink) => wants(sink, type));
  }

  /** Gives on an event that was made elsewhere. */
  pass(event: RouterEvent, json: string): void {
    for (const sink of this.#sinks) if (wants(sink, event.type)) sink.take(event, json);
  }
}

function wants(sink: Sink, type: RouterEvent["type"]): boolean {
  if (!sink.active || sink.types?.has(type) === false) return false;
  if (type === "progress") return sink.wantsProgress === true;
  return type === "complete" || !sink.completeOnly;
}
