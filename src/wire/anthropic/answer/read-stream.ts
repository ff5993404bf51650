import type { ChatEvent } from "../../../core/event.ts";
import { asNumber, asObject, asString, type Json, type JsonObject } from "../../../core/json.ts";
import { type Delta, type StreamProtocol, sseReader } from "../../bytes/stream.ts";
import type { StreamReader } from "../../format.ts";
import { readFailure } from "../errors.ts";
import { type OpenBlock, openBlock } from "./open-block.ts";
import { readStopDetails, readStopReason } from "./stop-reason.ts";
import { UsageReader } from "./usage.ts";

export function readStream(): StreamReader {
  return sseReader(new MessagesProtocol());
}

/** The frames of a Messages stream as events; whole bodies are read by the same object, so the two cannot differ. */
export class MessagesProtocol implements StreamProtocol {
  readonly #usage = new UsageReader();
  /** By the provider's index. */
  readonly #open = new Map<number, OpenBlock>();
  #next = 0;
  #id = "";
  #started = false;
  /** Told at the end: some servers say more behind their reason to stop. */
  #finish: Extract<ChatEvent, { type: "finish" }> | undefined;
  #sawToolCall = false;

  frame(name: string, value: JsonObject, out: ChatEvent[]): void {
    switch (asString(value["type"]) ?? name) {
      case "message_start":
        return this.messageStart(asObject(value["message"]) ?? {}, out);
      case "content_block_start":
        return this.blockStart(asNumber(value["index"]), asObject(value["content_block"]) ?? {}, out);
      case "content_block_delta":
        return this.#blockDelta(asNumber(value["index"]), asObject(value["delta"]) ?? {}, out);
      case "content_block_stop":
        return this.blockStop(asNumber(value["index"]), out);
      case "message_delta":
        return this.messageDelta(asObject(value["delta"]) ?? {}, value, out);
      case "message_stop":
        return this.messageStop(out);
      case "ping":
        out.push({ type: "ping" });
        return;
      case "error":
        out.push({ type: "error", failure: readFailure(0, value, "") });
        return;
      default:
        this.#unknown(value, out);
    }
  }

  repeats(value: JsonObject, { text }: Delta): ((text: string) => void) | undefined {
    const block = this.#open.get(asNumber(value["index"]) ?? this.#newest());
    return block?.repeats(asObject(value["delta"]) ?? {}, text);
  }

  /** Not Anthropic's, but some gateways add it after their own terminal, or in place of one. */
  done(out: ChatEvent[]): void {
    this.eof(out);
  }

  eof(out: ChatEvent[]): void {
    const message = this.#started
      ? "the provider's stream ended without message_stop"
      : "the provider's stream ended before it began";
    out.push({ type: "error", failure: { kind: "cut", message } });
  }

  messageStart(message: JsonObject, out: ChatEvent[]): void {
    const usage = this.#usage.merge(message["usage"]);
    const id = asString(message["id"]) ?? "";
    if (this.#started) {
      if (id !== this.#id && this.#next > 0) this.#spliced(out);
      return;
    }
    this.#started = true;
    this.#id = id;
    const start: ChatEvent = {
      type: "start",
      id,
      model: asString(message["model"]) ?? "",
    };
    out.push(usage ? { ...start, usage } : start);
  }

  blockStart(at: number | undefined, block: JsonObject, out: ChatEvent[]): void {
    this.#begin(out);
    const index = at ?? this.#next;
    // Some servers repeat the start before each delta.
    if (this.#open.get(index)?.continues(block)) return;
    for (const [other, open] of this.#open) if (other === index || !open.overlaps) this.blockStop(other, out);
    if (block["type"] === "tool_use") this.#sawToolCall = true;
    this.#open.set(index, openBlock(this.#next++, block, this.#id, out));
  }

  blockStop(at: number | undefined, out: ChatEvent[]): void {
    const index = at ?? this.#newest();
    this.#open.get(index)?.end(out);
    this.#open.delete(index);
  }

  /** `holder`: the frame, or the whole message: where `usage` stands beside the delta's fields. */
  messageDelta(delta: JsonObject, holder: JsonObject, out: ChatEvent[]): void {
    const native = asString(delta["stop_reason"]);
    const stopSequence = asString(delta["stop_sequence"]);
    if (native && !this.#finish) this.#stopped(native, out, stopSequence, delta["stop_details"]);
    const usage = this.#usage.merge(holder["usage"]);
    if (usage) out.push({ type: "usage", usage });
  }

  messageStop(out: ChatEvent[]): void {
    this.#begin(out);
    this.#close(out);
    const finish = this.#finish ?? finishOf("end_turn");
    // Servers that imitate the API say end_turn after tool calls; a client would then not run them.
    const isCall = this.#sawToolCall && (finish.reason === "stop" || finish.reason === "other");
    out.push(isCall ? { ...finish, reason: "tool_calls" } : finish, { type: "end" });
  }

  #stopped(native: string, out: ChatEvent[], stopSequence?: string, details?: Json): void {
    this.#begin(out);
    this.#close(out);
    this.#finish = finishOf(native, stopSequence, details);
  }

  #blockDelta(at: number | undefined, delta: JsonObject, out: ChatEvent[]): void {
    this.#open.get(at ?? this.#newest())?.delta(delta, out);
  }

  /** Some proxies try again in mid-answer and send the second answer behind the first, whose half cannot be taken back. */
  #spliced(out: ChatEvent[]): void {
    const message = "the provider began a second answer in the middle of the first";
    out.push({ type: "error", failure: { kind: "malformed", message } });
  }

  #begin(out: ChatEvent[]): void {
    if (!this.#started) this.messageStart({}, out);
  }

  #newest(): number {
    return [...this.#open.keys()].at(-1) ?? 0;
  }

  /** What is still open at the finish was left so by a server that forgot the stop. */
  #close(out: ChatEvent[]): void {
    for (const block of this.#open.values()) block.end(out);
    this.#open.clear();
  }

  #unknown(value: JsonObject, out: ChatEvent[]): void {
    if (value["error"] !== undefined) {
      out.push({ type: "error", failure: readFailure(0, value, "") });
      return;
    }
    // A new kind of frame is passed over; a frame of another API is not.
    if (asString(value["type"]) === undefined) throw new Error("the stream is not of the Anthropic Messages API");
  }
}

function finishOf(native: string, stopSequence?: string, details?: Json): Extract<ChatEvent, { type: "finish" }> {
  const refusal = readStopDetails(details);
  return {
    type: "finish",
    reason: readStopReason(native),
    native,
    ...(stopSequence !== undefined && { stopSequence }),
    ...(refusal && { refusal }),
  };
}
