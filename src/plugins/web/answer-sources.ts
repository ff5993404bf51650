import type { ChatEvent } from "../../core/event.ts";
import type { OpaquePart, WebSearch } from "../../core/part.ts";
import type { AnswerTransform } from "../plugin.ts";
import { findCitations } from "./citations.ts";
import type { WebRun } from "./run.ts";

/** Of one block; what is said after that is not looked at for citations. */
const MAX_TEXT = 1024 * 1024;

/**
 * Adds to an answer the searches its model made, before what follows from them, and behind each text the sources it names.
 * Nothing is held back. Blocks are numbered anew, since those that are added need numbers too.
 */
export class AnswerSources implements AnswerTransform {
  readonly #run: WebRun;
  readonly #shows: boolean;
  readonly #indexes = new Map<number, number>();
  #next = 0;
  /** Blocks of text, reasoning or refusal do not overlap: only one is open. */
  #open: { index: number; text: string; isText: boolean } | undefined;

  /** `shows`: the client's API has a way to tell of searches. */
  constructor(run: WebRun, shows: boolean) {
    this.#run = run;
    this.#shows = shows;
  }

  event(event: ChatEvent): readonly ChatEvent[] {
    switch (event.type) {
      case "block-start": {
        const shown = this.#searches();
        const index = this.#place(event.index);
        const { type } = event.block;
        if (type !== "tool-call") this.#open = { index, text: "", isText: type === "text" };
        return [...shown, { ...event, index }];
      }
      case "opaque":
        return [...this.#searches(), { ...event, index: this.#place(event.index) }];
      case "text-delta":
        if (this.#open && this.#open.text.length < MAX_TEXT) this.#open.text += event.text;
        return [this.#moved(event)];
      case "reasoning-delta":
      case "refusal-delta":
      case "arguments-delta":
      case "citation":
        return [this.#moved(event)];
      case "block-end":
        return [...this.#close(this.#indexes.get(event.index) ?? event.index), this.#moved(event)];
      case "finish":
        return [...this.#searches(), event];
      default:
        return [event];
    }
  }

  #place(index: number): number {
    const place = this.#next++;
    this.#indexes.set(index, place);
    return place;
  }

  #moved<E extends ChatEvent & { index: number }>(event: E): E {
    const index = this.#indexes.get(event.index) ?? event.index;
    return index === event.index ? event : { ...event, index };
  }

  #searches(): ChatEvent[] {
    if (this.#open || !this.#shows) return [];
    return this.#run.searches
      .splice(0)
      .map((search) => ({ type: "opaque", index: this.#next++, part: searchPart(search) }));
  }

  #close(index: number): ChatEvent[] {
    const open = this.#open;
    if (open?.index !== index) return [];
    this.#open = undefined;
    if (!open.isText) return [];
    return findCitations(open.text, this.#run.sources).map((citation) => ({ type: "citation", index, citation }));
  }
}

/** In the router's own words: each API's writer shows it as its own searches. */
function searchPart(search: WebSearch): OpaquePart {
  return { type: "opaque", dialect: "simulated", what: "web_search", value: null, search };
}
