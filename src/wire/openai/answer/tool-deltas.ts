import type { ChatEvent } from "../../../core/event.ts";
import { asNumber, asObject, asString, type Json, type JsonObject } from "../../../core/json.ts";
import type { ImplicitBlocks } from "../../blocks.ts";
import { callName } from "../../tools/call-name.ts";
import { callIdFor } from "../../tools/ids.ts";
import { thoughtSignature } from "../thought-signature.ts";

interface Call {
  /** Place among the calls of the answer, and its key in the blocks. */
  readonly position: number;
  readonly index: number | undefined;
  id: string;
  opened: boolean;
  /** Arguments that came before the name. */
  early: string;
  kind: "function" | "custom";
}

/**
 * Sorts fragments of tool calls to their calls. By the book a fragment has an `index` and the first one id, type and name; in
 * the field the index is missing, does not start at 0, or is 0 for all; ids are missing, empty or repeated; names come again.
 */
export class ToolDeltas {
  readonly #blocks: ImplicitBlocks;
  readonly #calls: Call[] = [];

  constructor(blocks: ImplicitBlocks) {
    this.#blocks = blocks;
  }

  /** `answerId` keeps made-up ids of different answers apart. */
  take(delta: JsonObject, answerId: string, out: ChatEvent[]): void {
    const custom = asObject(delta["custom"]);
    const inner = asObject(delta["function"]) ?? custom ?? {};
    const name = asString(inner["name"]) ?? "";
    const call = this.#callOf(delta, name);
    if (custom || delta["type"] === "custom") call.kind = "custom";
    const state = thoughtSignature(delta);
    if (state) this.#blocks.toolState(call.position, state);
    const text = argumentsText(inner[call.kind === "custom" ? "input" : "arguments"]);
    if (!call.opened && name !== "") this.#open(call, name, answerId, out);
    if (call.opened) this.#blocks.toolArguments(call.position, text, out);
    else call.early += text;
  }

  /** No more fragments come. Of a call that was only begun (an index, and nothing in it) there is nothing to tell. */
  end(): void {
    for (const { opened, id, early } of this.#calls) if (!opened && (id !== "" || early !== "")) callName(undefined);
  }

  #open(call: Call, name: string, answerId: string, out: ChatEvent[]): void {
    call.opened = true;
    const id = call.id || callIdFor(call.position, name, answerId);
    this.#blocks.openTool(call.position, { type: "tool-call", id, name, kind: call.kind }, out);
    this.#blocks.toolArguments(call.position, call.early, out);
  }

  #callOf(delta: JsonObject, name: string): Call {
    const index = asNumber(delta["index"]);
    const id = asString(delta["id"]) ?? "";
    const found = index === undefined ? this.#withoutIndex(id, name) : this.#withIndex(index, id, name);
    if (found) {
      if (found.id === "") found.id = id;
      return found;
    }
    const call: Call = { position: this.#calls.length, index, id, opened: false, early: "", kind: "function" };
    this.#calls.push(call);
    return call;
  }

  #withIndex(index: number, id: string, name: string): Call | undefined {
    const known = this.#calls.find((candidate) => candidate.index === index && candidate.id === id && id !== "");
    const call = known ?? this.#calls.findLast((candidate) => candidate.index === index);
    // A new id together with a name is a new call, even under an index that was used.
    const another = call !== undefined && id !== "" && call.id !== "" && id !== call.id && name !== "";
    return another ? undefined : call;
  }

  #withoutIndex(id: string, name: string): Call | undefined {
    if (id !== "") return this.#calls.findLast((candidate) => candidate.id === id);
    return name === "" ? this.#calls.at(-1) : undefined;
  }
}

/** Some servers send the object itself. */
function argumentsText(value: Json | undefined): string {
  if (typeof value === "string") return value;
  return value === undefined || value === null ? "" : JSON.stringify(value);
}
