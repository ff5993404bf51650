import type { ChatEvent } from "../../../core/event.ts";
import { asString, isObject, type JsonObject, objectsOf } from "../../../core/json.ts";
import type { OpaqueState } from "../../../core/part.ts";
import type { ImplicitBlocks } from "../../blocks.ts";
import { callName } from "../../tools/call-name.ts";
import { callIdFor } from "../../tools/ids.ts";
import { PartialArguments } from "./partial-arguments.ts";

interface OpenCall {
  readonly args: PartialArguments;
  readonly state: OpaqueState | undefined;
}

/** `functionCall` parts. They come whole, or (where the client asked Vertex for it) name first and arguments in pieces. */
export class CallReader {
  readonly #blocks: ImplicitBlocks;
  #count = 0;
  #open: OpenCall | undefined;

  constructor(blocks: ImplicitBlocks) {
    this.#blocks = blocks;
  }

  /** `answerId` keeps made-up ids of different answers apart. */
  take(call: JsonObject, state: OpaqueState | undefined, answerId: string, out: ChatEvent[]): void {
    const name = asString(call["name"]) || undefined;
    // A piece without a name goes on with the call before it.
    const open =
      name === undefined && this.#open ? this.#open : this.#start(call, callName(name), state, answerId, out);
    for (const piece of objectsOf(call["partialArgs"])) open.args.add(piece);
    if (call["willContinue"] !== true) this.close(out);
  }

  /** The call in pieces ends here, if there is one. */
  close(out: ChatEvent[]): void {
    const open = this.#open;
    if (!open) return;
    this.#open = undefined;
    const key = this.#count - 1;
    this.#blocks.toolArguments(key, open.args.text(), out);
    this.#blocks.closeTool(key, out, open.state);
  }

  #start(call: JsonObject, name: string, state: OpaqueState | undefined, answerId: string, out: ChatEvent[]): OpenCall {
    this.close(out);
    const key = this.#count++;
    const text = isObject(call["args"]) ? JSON.stringify(call["args"]) : "";
    const id = asString(call["id"]) || callIdFor(key, name, answerId || text);
    this.#blocks.openTool(key, { type: "tool-call", id, name, kind: "function" }, out);
    this.#blocks.toolArguments(key, text, out);
    this.#open = { args: new PartialArguments(), state };
    return this.#open;
  }
}
