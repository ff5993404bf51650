import type { JsonObject } from "../../../core/json.ts";
import { CustomInput } from "../../tools/custom-input.ts";
import type { ToolOrigin } from "../tool-names.ts";
import type { ItemPlace, ItemStatus, OutputItem } from "./output-item.ts";

/** What a call item says besides its input. */
export interface CallIdentity {
  callId: string;
  tool: Pick<ToolOrigin, "name" | "namespace">;
}

abstract class CallItem implements OutputItem {
  readonly opening: JsonObject;
  protected readonly place: ItemPlace;
  protected readonly chunks: string[] = [];

  constructor(place: ItemPlace, opening: JsonObject, { callId, tool }: CallIdentity) {
    this.place = place;
    this.opening = {
      id: place.id,
      ...opening,
      call_id: callId,
      name: tool.name,
      ...(tool.namespace !== undefined && { namespace: tool.namespace }),
    };
  }

  takes(): boolean {
    return false;
  }

  cite(): void {
    // Calls cite nothing.
  }

  endBlock(): void {
    // The input is told as done in `close`, when it is known that it was not cut.
  }

  abstract delta(text: string): void;
  abstract close(status: ItemStatus): JsonObject;
}

export class FunctionCallItem extends CallItem {
  constructor(place: ItemPlace, identity: CallIdentity) {
    super(place, { type: "function_call", status: "in_progress", arguments: "" }, identity);
  }

  override delta(text: string): void {
    if (text === "") return;
    this.chunks.push(text);
    this.place.tell("response.function_call_arguments.delta", { delta: text });
  }

  override close(status: ItemStatus): JsonObject {
    // A call without arguments still has to be JSON.
    if (this.chunks.length === 0 && status === "completed") this.delta("{}");
    const args = this.chunks.join("");
    const name = this.opening["name"];
    this.place.tell("response.function_call_arguments.done", { name, arguments: args });
    return { ...this.opening, status, arguments: args };
  }
}

/** A call of a free-form tool. `wrapped`: the provider knows only functions, and was given one with a string `input`. */
export class CustomCallItem extends CallItem {
  readonly #wrapped: CustomInput | undefined;

  constructor(place: ItemPlace, identity: CallIdentity, wrapped: boolean) {
    super(place, { type: "custom_tool_call", status: "in_progress", input: "" }, identity);
    this.#wrapped = wrapped ? new CustomInput() : undefined;
  }

  override delta(text: string): void {
    this.#tell(this.#wrapped ? this.#wrapped.push(text) : text);
  }

  override close(status: ItemStatus): JsonObject {
    if (this.#wrapped) this.#tell(this.#wrapped.end());
    const input = this.chunks.join("");
    this.place.tell("response.custom_tool_call_input.done", { input });
    return { ...this.opening, status, input };
  }

  #tell(delta: string): void {
    if (delta === "") return;
    this.chunks.push(delta);
    this.place.tell("response.custom_tool_call_input.delta", { delta });
  }
}
