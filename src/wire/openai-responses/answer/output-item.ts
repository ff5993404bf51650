import type { JsonObject } from "../../../core/json.ts";
import type { Citation, OpaqueState, TokenLogprob } from "../../../core/part.ts";

/** Gives out one event of the stream: its type and the fields besides `sequence_number`. */
export type Emit = (type: string, fields: JsonObject) => void;

export type ItemStatus = "completed" | "incomplete";

/** An item of the output while it is written. It tells its own inner events; `output_item.added` and `.done` are its owner's. */
export interface OutputItem {
  /** As it stands in `output_item.added`: with all its fields, none of its content. */
  readonly opening: JsonObject;
  /** Tells what follows `output_item.added` at once. */
  begin?(): void;
  /** A further block begins in this item; false when it has no room for it and wants to be closed. */
  takes(kind: "text" | "refusal"): boolean;
  delta(text: string, logprobs?: TokenLogprob[]): void;
  cite(citation: Citation): void;
  endBlock(state: OpaqueState | undefined): void;
  /** Tells what is still to be told and returns the whole item. Called when it is known how the item ended. */
  close(status: ItemStatus): JsonObject;
}

/** Where an item stands, for the events that tell of its content. */
export class ItemPlace {
  readonly id: string;
  readonly #outputIndex: number;
  readonly #emit: Emit;

  constructor(id: string, outputIndex: number, emit: Emit) {
    this.id = id;
    this.#outputIndex = outputIndex;
    this.#emit = emit;
  }

  tell(type: string, fields: JsonObject): void {
    this.#emit(type, { item_id: this.id, output_index: this.#outputIndex, ...fields });
  }
}
