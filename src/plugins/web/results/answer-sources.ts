import type { ChatEvent } from "../../../core/event.ts";
import type { AnswerTransform } from "../../plugin.ts";
import { findCitations } from "./citations.ts";
import type { Sources } from "./sources.ts";

/** Characters of one block; what is said after that is not looked at for citations. */
const MAX_TEXT = 1024 * 1024;

/** Adds to each text of an answer, behind it, the sources it names. Nothing is held back. */
export class AnswerSources implements AnswerTransform {
  readonly #sources: Sources;
  /** Blocks of text do not overlap: only one is open. */
  #open: { index: number; text: string } | undefined;

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  event(event: ChatEvent): readonly ChatEvent[] {
    if (event.type === "block-start" && event.block.type === "text") this.#open = { index: event.index, text: "" };
    if (event.type === "text-delta" && this.#open && this.#open.text.length < MAX_TEXT) this.#open.text += event.text;
    if (event.type !== "block-end" || event.index !== this.#open?.index) return [event];
    const { index, text } = this.#open;
    this.#open = undefined;
    const citations = findCitations(text, this.#sources);
    return [...citations.map((citation): ChatEvent => ({ type: "citation", index, citation })), event];
  }
}
