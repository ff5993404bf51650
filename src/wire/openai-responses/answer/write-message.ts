import type { JsonObject } from "../../../core/json.ts";
import type { Citation, OpaqueState, TokenLogprob } from "../../../core/part.ts";
import { writeLogprobs } from "../../logprobs.ts";
import { annotationOf } from "../citations.ts";
import type { ItemPlace, ItemStatus, OutputItem } from "./output-item.ts";

interface OpenPart {
  readonly kind: "text" | "refusal";
  readonly chunks: string[];
  readonly citations: Citation[];
  readonly logprobs: JsonObject[];
}

/** What the model said: text and refusal blocks in a row are the content parts of one message. */
export class MessageItem implements OutputItem {
  readonly opening: JsonObject;
  readonly #place: ItemPlace;
  readonly #content: JsonObject[] = [];
  readonly #lost: () => void;
  #open: OpenPart | undefined;

  /** `lost` is called for a citation that cannot be told. */
  constructor(place: ItemPlace, lost: () => void) {
    this.#place = place;
    this.#lost = lost;
    this.opening = { id: place.id, type: "message", status: "in_progress", role: "assistant", content: [] };
  }

  takes(kind: "text" | "refusal"): boolean {
    this.endBlock();
    this.#open = { kind, chunks: [], citations: [], logprobs: [] };
    this.#tell("response.content_part.added", { part: partOf(kind, "", [], []) });
    return true;
  }

  delta(text: string, tokens?: TokenLogprob[]): void {
    if (this.#open === undefined || (text === "" && !tokens)) return;
    this.#open.chunks.push(text);
    const logprobs = tokens ? writeLogprobs(tokens) : [];
    for (const token of logprobs) this.#open.logprobs.push(token);
    if (this.#open.kind === "text") this.#tell("response.output_text.delta", { delta: text, logprobs });
    else this.#tell("response.refusal.delta", { delta: text });
  }

  /** Told when the text is whole: only then is it known where a citation ends that names no place. */
  cite(citation: Citation): void {
    this.#open?.citations.push(citation);
  }

  endBlock(_state?: OpaqueState): void {
    const open = this.#open;
    if (open === undefined) return;
    const text = open.chunks.join("");
    const annotations: JsonObject[] = [];
    for (const citation of open.citations) {
      const annotation = open.kind === "text" ? annotationOf(citation, text.length) : undefined;
      if (annotation === undefined) this.#lost();
      else
        this.#tell("response.output_text.annotation.added", {
          annotation_index: annotations.push(annotation) - 1,
          annotation,
        });
    }
    const part = partOf(open.kind, text, annotations, open.logprobs);
    if (open.kind === "text") this.#tell("response.output_text.done", { text, logprobs: open.logprobs });
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

function partOf(kind: "text" | "refusal", text: string, annotations: JsonObject[], logprobs: JsonObject[]): JsonObject {
  return kind === "text" ? { type: "output_text", text, annotations, logprobs } : { type: "refusal", refusal: text };
}
