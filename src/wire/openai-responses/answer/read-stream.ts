import type { ChatEvent } from "../../../core/event.ts";
import { asNumber, asObject, asString, type JsonObject } from "../../../core/json.ts";
import type { Delta, StreamProtocol } from "../../bytes/stream.ts";
import { failureOfOpenAIError } from "../../openai-error.ts";
import { OutputReader } from "./read-output.ts";

/** A provider's stream. Knows frames and places; what they add up to is the OutputReader's. */
export class ResponsesProtocol implements StreamProtocol {
  readonly idle = /(?<="(?:sequence_number|obfuscation)":\s*)(?:"[^"\\]*"|\d+)/g;
  readonly #output = new OutputReader();
  /** Places given out to items that came without `output_index`. */
  #places = 0;
  readonly #placeOfId = new Map<string, number>();
  #last = 0;
  #lastDone = false;

  frame(name: string, value: JsonObject, out: ChatEvent[]): void {
    const type = asString(value["type"]) ?? name;
    if (type === "error" || (type === "" && value["error"] !== undefined)) return this.#failed(value, out);
    switch (type) {
      case "response.created":
      case "response.queued":
      case "response.in_progress":
        return this.#output.start(asObject(value["response"]) ?? {}, out);
      case "response.completed":
      case "response.done":
        return this.#closed("completed", value, out);
      case "response.incomplete":
        return this.#closed("incomplete", value, out);
      case "response.failed":
      case "response.cancelled":
        return this.#closed("failed", value, out);
      case "keepalive":
        out.push({ type: "ping" });
        return;
    }
    this.#output.start({}, out);
    this.#content(type, value, out);
  }

  repeats(value: JsonObject, { text }: Delta): ((text: string) => void) | undefined {
    return value["delta"] === text ? (more) => this.#output.said(more) : undefined;
  }

  /** The terminal of this API is its last response event; a `[DONE]` without one says that the answer was lost. */
  done(out: ChatEvent[]): void {
    this.eof(out);
  }

  eof(out: ChatEvent[]): void {
    out.push({ type: "error", failure: { kind: "cut", message: "the stream ended without response.completed" } });
  }

  #content(type: string, value: JsonObject, out: ChatEvent[]): void {
    const item = this.#place(type, value);
    const content = asNumber(value["content_index"]) ?? 0;
    const summary = asNumber(value["summary_index"]) ?? 0;
    const delta = asString(value["delta"]) ?? "";
    const output = this.#output;
    switch (type) {
      case "response.output_item.added":
        return output.itemAdded(item, asObject(value["item"]) ?? {}, out);
      case "response.output_item.done":
        return output.itemDone(item, asObject(value["item"]) ?? {}, out);
      case "response.output_text.delta":
        return output.text(item, content, delta, value, false, out);
      case "response.output_text.done":
        return output.text(item, content, asString(value["text"]) ?? "", value, true, out);
      case "response.output_text.annotation.added":
        return output.citation(item, content, asObject(value["annotation"]) ?? {}, out);
      case "response.refusal.delta":
        return output.refusal(item, content, delta, false, out);
      case "response.refusal.done":
        return output.refusal(item, content, asString(value["refusal"]) ?? "", true, out);
      case "response.content_part.done":
        return output.part(item, content, asObject(value["part"]) ?? {}, out);
      case "response.reasoning_text.delta":
        return output.reasoning(item, content, delta, false, false, out);
      case "response.reasoning_text.done":
        return output.reasoning(item, content, asString(value["text"]) ?? "", false, true, out);
      case "response.reasoning_summary_text.delta":
        return output.reasoning(item, summary, delta, true, false, out);
      case "response.reasoning_summary_text.done":
        return output.reasoning(item, summary, asString(value["text"]) ?? "", true, true, out);
      case "response.function_call_arguments.delta":
      case "response.custom_tool_call_input.delta":
        return output.args(item, delta, false, out);
      case "response.function_call_arguments.done":
        return output.args(item, asString(value["arguments"]) ?? "", true, out);
      case "response.custom_tool_call_input.done":
        return output.args(item, asString(value["input"]) ?? "", true, out);
    }
    // Anything else is the progress of a hosted tool, whose item comes whole when it is done.
  }

  /** The item's place: as told, else by its id, else the last one's. What begins without a place takes the next. */
  #place(type: string, value: JsonObject): number {
    const told = asNumber(value["output_index"]);
    const id = asString(value["item_id"]) ?? asString(asObject(value["item"])?.["id"]);
    const known = id === undefined ? undefined : this.#placeOfId.get(id);
    const isDone = type === "response.output_item.done";
    const begins = type === "response.output_item.added" || (isDone && this.#lastDone);
    const place = told ?? known ?? (begins ? this.#places : this.#last);
    if (id !== undefined) this.#placeOfId.set(id, place);
    this.#places = Math.max(this.#places, place + 1);
    this.#last = place;
    this.#lastDone = isDone;
    return place;
  }

  #closed(status: string, value: JsonObject, out: ChatEvent[]): void {
    const response = asObject(value["response"]) ?? {};
    // The event's name counts where the object inside has not caught up.
    const stale = response["status"] === undefined || response["status"] === "in_progress" || status === "failed";
    this.#output.finish(stale ? { ...response, status } : response, out);
  }

  #failed(value: JsonObject, out: ChatEvent[]): void {
    this.#output.start({}, out);
    out.push({ type: "error", failure: failureOfOpenAIError(asObject(value["error"]) ?? value) });
  }
}
