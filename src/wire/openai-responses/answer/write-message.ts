import type { JsonObject } from "../../../core/json.ts";
import type { Citation, OpaqueState } from "../../../core/part.ts";
import { annotationOf } from "../citations.ts";
import type { ItemPlace, ItemStatus, OutputItem } from "./output-item.ts";

/** What the model said: text and refusal blocks in a row are the content parts of one message. */
export class MessageItem implements OutputItem {
  readonly opening: JsonObject;
  readonly #place: ItemPlace;
  readonly #content: JsonObject[] = [];
  #open: { kind: "text" | "refusal"; chunks: string[]; length: number; annotations: JsonObject[] } | undefined;

  constructor(place: ItemPlace) {
    this.#place = place;
    this.opening = { id: place.id, type: "message", status: "in_progress", role: "assistant", content: [] };
  }

  takes(kind: "text" | "refusal"): boolean {
    this.endBlock();
    this.#open = { kind, chunks: [], length: 0, annotations: [] };
    this.#tell("response.content_part.added", { part: partOf(kind, "", []) });
    return true;
  }

  delta(text: string): void {
    if (this.#open === undefined || text === "") return;
    this.#open.chunks.push(text);
    this.#open.length += text.length;
    if (this.#open.kind === "text") this.#tell("response.output_text.delta", { delta: text, logprobs: [] });
    else this.#tell("response.refusal.delta", { delta: text });
  }

  cite(citation: Citation): void {
    const open = this.#open;
    const annotation = open && annotationOf(citation, open.length);
    if (annotation === undefined || open?.kind !== "text") return;
    const fields = { annotation_index: open.annotations.length, annotation };
    open.annotations.push(annotation);
    this.#tell("response.output_text.annotation.added", fields);
  }

  endBlock(_state?: OpaqueState): void {
    const open = this.#open;
    if (open === undefined) return;
    const text = open.chunks.join("");
    const part = partOf(open.kind, text, open.annotations);
    if (open.kind === "text") this.#tell("response.output_text.done", { text, logprobs: [] });
    else this.#tell("response.refusal.done", { refusal: text });
    this.#tell("response.content_part.done", { part });
    this.#content.push(part);
    this.#open = undefined;
  }

  close(status: ItemStatus): JsonObject {
    this.endBlock();
    return { ...this.opening, status, content: this.#content };
  }

  #tell(type: string, fields: JsonObject): void {
    this.#place.tell(type, { content_index: this.#content.length, ...fields });
  }
}

function partOf(kind: "text" | "refusal", text: string, annotations: JsonObject[]): JsonObject {
  return kind === "text"
    ? { type: "output_text", text, annotations, logprobs: [] }
    : { type: "refusal", refusal: text };
}
