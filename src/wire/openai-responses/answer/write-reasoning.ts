import type { JsonObject } from "../../../core/json.ts";
import type { OpaqueState } from "../../../core/part.ts";
import type { ItemPlace, ItemStatus, OutputItem } from "./output-item.ts";

/** One block of reasoning: a summary, or the reasoning itself (what open models give). */
export class ReasoningItem implements OutputItem {
  readonly opening: JsonObject;
  readonly #place: ItemPlace;
  readonly #summary: boolean;
  readonly #chunks: string[] = [];
  #encrypted: string | undefined;
  #ended = false;

  constructor(place: ItemPlace, summary: boolean) {
    this.#place = place;
    this.#summary = summary;
    this.opening = { id: place.id, type: "reasoning", summary: [], ...(!summary && { content: [] }) };
  }

  takes(): boolean {
    return false;
  }

  cite(): void {
    // Reasoning cites nothing.
  }

  delta(text: string): void {
    if (text === "") return;
    if (this.#chunks.length === 0) this.#tell("part.added", { part: this.#part("") });
    this.#chunks.push(text);
    this.#tell("text.delta", { delta: text });
  }

  endBlock(state: OpaqueState | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    // Only this API's own state may stand in this field: its clients send it back as such.
    if (state?.dialect === "openai-responses" && state.kind === "encrypted") this.#encrypted = state.value;
    if (this.#chunks.length === 0) return;
    const text = this.#chunks.join("");
    this.#tell("text.done", { text });
    this.#tell("part.done", { part: this.#part(text) });
  }

  /** With its status, as all items have it: the API may leave it out here, xAI's client in the AI SDK insists. */
  close(status: ItemStatus): JsonObject {
    this.endBlock(undefined);
    const parts = this.#chunks.length === 0 ? [] : [this.#part(this.#chunks.join(""))];
    return {
      ...this.opening,
      status,
      ...(this.#summary ? { summary: parts } : { content: parts }),
      ...(this.#encrypted !== undefined && { encrypted_content: this.#encrypted }),
    };
  }

  #part(text: string): JsonObject {
    return { type: this.#summary ? "summary_text" : "reasoning_text", text };
  }

  #tell(step: "part.added" | "text.delta" | "text.done" | "part.done", fields: JsonObject): void {
    const [noun] = step.split(".");
    if (this.#summary) this.#place.tell(`response.reasoning_summary_${step}`, { summary_index: 0, ...fields });
    else if (noun === "part") this.#place.tell(`response.content_${step}`, { content_index: 0, ...fields });
    else this.#place.tell(`response.reasoning_${step}`, { content_index: 0, ...fields });
  }
}
