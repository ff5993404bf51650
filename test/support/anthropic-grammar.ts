import assert from "node:assert/strict";
import { asNumber, asObject, asString, isObject, type JsonObject } from "../../src/core/json.ts";
import { type Grammar, runGrammar, type StreamFrame, sseFrames } from "./frames.ts";

export interface Frame {
  event: string;
  data: JsonObject;
}

/** Deltas each type of block may have. Blocks that are not here come whole or with input only. */
const DELTAS: Readonly<Record<string, readonly string[]>> = {
  text: ["text_delta", "citations_delta"],
  thinking: ["thinking_delta", "signature_delta"],
  redacted_thinking: [],
  tool_use: ["input_json_delta"],
};

/** The events of a written stream; asserts that each is named by its type. */
export function framesOf(stream: string): Frame[] {
  return sseFrames(stream).map(eventOf);
}

function eventOf({ name, value }: StreamFrame): Frame {
  assert.ok(value, "[DONE] is of another API");
  assert.equal(value["type"], name, "the event's name is its type");
  return { event: name ?? "", data: value };
}

/** Asserts that a whole stream keeps the grammar of the Messages API; returns its frames. */
export function checkAnthropicStream(stream: string): Frame[] {
  runGrammar(new MessagesGrammar(), sseFrames(stream));
  return framesOf(stream);
}

class MessagesGrammar implements Grammar {
  #started = false;
  #nextIndex = 0;
  #open: { index: number; type: string; signed: boolean; json: string } | undefined;
  #stopReason = false;
  #closed = false;

  frame(frame: StreamFrame): void {
    const { event, data } = eventOf(frame);
    assert.equal(this.#closed, false, `${event} after the terminal event`);
    switch (event) {
      case "ping":
        return;
      case "error":
        assert.ok(isObject(data["error"]), "an error event holds an error");
        this.#closed = true;
        return;
      case "message_start":
        return this.#start(data);
    }
    assert.ok(this.#started, `${event} before message_start`);
    switch (event) {
      case "content_block_start":
        return this.#blockStart(data);
      case "content_block_delta":
        return this.#blockDelta(data);
      case "content_block_stop":
        return this.#blockStop(data);
      case "message_delta":
        return this.#messageDelta(data);
      case "message_stop":
        assert.ok(this.#stopReason, "message_stop without message_delta");
        this.#closed = true;
        return;
      default:
        assert.fail(`unknown event ${event}`);
    }
  }

  end(): void {
    assert.ok(this.#closed, "the stream has no terminal event");
  }

  #start(data: JsonObject): void {
    assert.equal(this.#started, false, "two message_start");
    this.#started = true;
    const message = asObject(data["message"]);
    assert.deepEqual(message?.["content"], []);
    assert.equal(message?.["role"], "assistant");
    assert.ok(asNumber(asObject(message?.["usage"])?.["input_tokens"]) !== undefined, "message_start has no usage");
    assert.notEqual(asString(message?.["id"]) ?? "", "", "message_start has no id");
  }

  #blockStart(data: JsonObject): void {
    assert.equal(this.#open, undefined, "a block opens while another is open");
    assert.equal(this.#stopReason, false, "a block after message_delta");
    assert.equal(data["index"], this.#nextIndex, "indices are contiguous");
    const block = asObject(data["content_block"]);
    const type = asString(block?.["type"]) ?? "";
    if (type === "tool_use") assert.deepEqual(block?.["input"], {}, "tool_use starts with an empty input");
    if (type === "text" || type === "thinking")
      assert.equal("input" in (block ?? {}), false, `input on a ${type} block`);
    this.#open = { index: this.#nextIndex, type, signed: false, json: "" };
    this.#nextIndex++;
  }

  #blockDelta(data: JsonObject): void {
    const open = this.#open;
    assert.ok(open, "a delta without an open block");
    assert.equal(data["index"], open.index, "a delta for a block that is not open");
    const delta = asObject(data["delta"]);
    const type = asString(delta?.["type"]) ?? "";
    assert.ok((DELTAS[open.type] ?? ["input_json_delta"]).includes(type), `${type} in a ${open.type} block`);
    assert.equal(open.signed, false, "a delta after the signature");
    if (type === "signature_delta") open.signed = true;
    if (type === "input_json_delta") open.json += asString(delta?.["partial_json"]) ?? "";
  }

  #blockStop(data: JsonObject): void {
    assert.ok(this.#open, "a stop without an open block");
    assert.equal(data["index"], this.#open.index, "a stop for a block that is not open");
    if (this.#open.type === "thinking") assert.ok(this.#open.signed, "a thinking block ends without its signature");
    this.#open = undefined;
  }

  #messageDelta(data: JsonObject): void {
    assert.equal(this.#open, undefined, "message_delta while a block is open");
    assert.equal(this.#stopReason, false, "two message_delta");
    assert.equal(typeof asObject(data["delta"])?.["stop_reason"], "string");
    assert.ok(asNumber(asObject(data["usage"])?.["output_tokens"]) !== undefined, "message_delta has no usage");
    this.#stopReason = true;
  }
}
