import assert from "node:assert/strict";
import { asObject, asString, type Json, type JsonObject, objectsOf } from "../../src/core/json.ts";
import { type Grammar, runGrammar, type StreamFrame, sseFrames } from "./frames.ts";

const TERMINALS = new Set(["response.completed", "response.incomplete", "response.failed"]);
const ECHOED =
  "instructions model tools tool_choice parallel_tool_calls temperature top_p text reasoning metadata max_output_tokens " +
  "max_tool_calls previous_response_id store truncation service_tier background user top_logprobs prompt_cache_key " +
  "safety_identifier created_at completed_at error incomplete_details usage";

export interface CheckedResponses {
  events: JsonObject[];
  /** The response of the terminal event. */
  response: JsonObject;
}

/** Fails where a stream breaks the grammar of the Responses API; returns its events. */
export function checkResponsesStream(text: string): CheckedResponses {
  const frames = sseFrames(text);
  const grammar = new ResponsesGrammar();
  runGrammar(grammar, frames);
  return { events: frames.flatMap((frame) => (frame.value ? [frame.value] : [])), response: grammar.response };
}

interface OpenPart {
  kind: string;
  text: string;
  done: boolean;
  annotations: Json[];
}

class ResponsesGrammar implements Grammar {
  /** Of the terminal event; empty after a bare `error`. */
  response: JsonObject = {};
  #count = 0;
  #terminal: JsonObject | undefined;
  #item: JsonObject | undefined;
  #part: OpenPart | undefined;
  #parts: JsonObject[] = [];
  #input: { text: string; done: boolean } | undefined;
  readonly #output: JsonObject[] = [];
  readonly #ids = new Set<string>();

  frame({ name, value: event }: StreamFrame): void {
    assert.ok(event, "[DONE] is of another API");
    const type = asString(event["type"]) ?? "";
    assert.equal(type, name, "the event's name is its type");
    assert.equal(this.#terminal, undefined, `${type} after the terminal`);
    // The one event of this API that may come in any place, and has no response.
    if (type === "error") {
      assert.equal(typeof event["message"], "string", "an error says what it is");
      this.#terminal = event;
      return;
    }
    assert.equal(event["sequence_number"], this.#count, "sequence numbers have no gap");
    const place = this.#count++;
    if (place < 2) assert.equal(type, ["response.created", "response.in_progress"][place]);
    if (place < 2) return this.#lifecycle(event, "in_progress");
    if (TERMINALS.has(type)) {
      this.#terminal = event;
      return this.#lifecycle(event, type.slice("response.".length));
    }
    if (type === "response.output_item.added") return this.#added(event);
    assert.ok(this.#item, `${type} outside an item`);
    assert.equal(event["output_index"], this.#output.length);
    if (type === "response.output_item.done") return this.#done(event);
    assert.equal(event["item_id"], this.#item["id"]);
    this.#inside(type, event);
  }

  end(): void {
    assert.ok(this.#terminal, "the stream has no terminal");
    if (this.#terminal["type"] === "error") return;
    const response = asObject(this.#terminal["response"]);
    assert.ok(response, "the terminal has no response");
    this.response = response;
    assert.deepEqual(response["output"], this.#output);
    const cut = this.#output.findIndex((item) => item["status"] === "incomplete");
    if (cut !== -1) {
      assert.equal(cut, this.#output.length - 1, "only the last item is incomplete");
      assert.notEqual(response["status"], "completed", "an incomplete item in a completed response");
    }
    if (response["status"] !== "failed") {
      assert.equal(this.#item, undefined, "an item is open at the end");
      const usage = asObject(response["usage"]);
      assert.equal(usage?.["total_tokens"], Number(usage?.["input_tokens"]) + Number(usage?.["output_tokens"]));
      assert.equal(typeof asObject(usage?.["input_tokens_details"])?.["cached_tokens"], "number");
      assert.equal(typeof asObject(usage?.["output_tokens_details"])?.["reasoning_tokens"], "number");
    } else assert.equal(typeof asObject(response["error"])?.["code"], "string");
  }

  #lifecycle(event: JsonObject, status: string): void {
    const response = asObject(event["response"]);
    assert.equal(response?.["status"], status);
    assert.equal(response?.["object"], "response");
    for (const field of ECHOED.split(" ")) assert.ok(field in response && response[field] !== undefined, `no ${field}`);
  }

  #added(event: JsonObject): void {
    assert.equal(this.#item, undefined, "items do not overlap");
    assert.equal(event["output_index"], this.#output.length);
    const item = asObject(event["item"]);
    assert.ok(item);
    this.#claim(item["id"]);
    if (item["type"] === "function_call" || item["type"] === "custom_tool_call") {
      this.#claim(item["call_id"]);
      this.#input = { text: "", done: false };
    }
    this.#item = item;
    this.#parts = [];
  }

  #claim(id: Json | undefined): void {
    assert.ok(typeof id === "string" && id !== "", "an id is empty");
    assert.ok(!this.#ids.has(id), `the id ${id} comes twice`);
    this.#ids.add(id);
  }

  #done(event: JsonObject): void {
    const item = asObject(event["item"]);
    assert.ok(item);
    assert.equal(item["id"], this.#item?.["id"]);
    assert.equal(item["type"], this.#item?.["type"]);
    assert.equal(item["call_id"], this.#item?.["call_id"]);
    assert.equal(this.#part, undefined, "a part is open at the end of its item");
    if (this.#input) {
      assert.ok(this.#input.done, "the input was told as done");
      assert.equal(item["arguments"] ?? item["input"], this.#input.text);
    }
    if (item["type"] === "message") assert.deepEqual(item["content"], this.#parts);
    if (item["type"] === "reasoning")
      assert.deepEqual([...objectsOf(item["summary"]), ...objectsOf(item["content"])], this.#parts);
    this.#output.push(item);
    this.#item = undefined;
    this.#input = undefined;
  }

  /** A hosted tool tells of its progress, step by step. */
  #progress(type: string): void {
    const steps = ["in_progress", "searching", "completed"].map((step) => `response.web_search_call.${step}`);
    assert.equal(type, steps[this.#parts.length]);
    this.#parts.push({ type });
  }

  #inside(type: string, event: JsonObject): void {
    if (this.#item?.["type"] === "web_search_call") this.#progress(type);
    else if (type.endsWith("part.added")) {
      assert.equal(this.#part, undefined, "parts do not overlap");
      assert.equal(event["content_index"] ?? event["summary_index"], this.#parts.length);
      const kind = asString(asObject(event["part"])?.["type"]) ?? "";
      this.#part = { kind, text: "", done: false, annotations: [] };
    } else if (type.endsWith("part.done")) {
      const part = asObject(event["part"]);
      assert.ok(part && this.#part?.done, "a part ends after its text");
      assert.equal(part["text"] ?? part["refusal"], this.#part.text);
      if (part["type"] === "output_text") assert.deepEqual(part["annotations"], this.#part.annotations);
      this.#parts.push(part);
      this.#part = undefined;
    } else if (/arguments|input/.test(type)) this.#callInput(type, event);
    else this.#text(type, event);
  }

  #callInput(type: string, event: JsonObject): void {
    assert.ok(this.#input && !this.#input.done, `${type} outside a call`);
    if (type.endsWith(".delta")) this.#input.text += asString(event["delta"]) ?? "";
    else {
      assert.equal(event["arguments"] ?? event["input"], this.#input.text);
      this.#input.done = true;
    }
  }

  #text(type: string, event: JsonObject): void {
    const part = this.#part;
    assert.ok(part && !part.done, `${type} outside a part`);
    assert.equal(event["content_index"] ?? event["summary_index"], this.#parts.length);
    if (type.endsWith("annotation.added")) {
      assert.equal(event["annotation_index"], part.annotations.length);
      part.annotations.push(event["annotation"] ?? null);
    } else if (type.endsWith(".delta")) part.text += asString(event["delta"]) ?? "";
    else {
      assert.equal(event["text"] ?? event["refusal"], part.text);
      part.done = true;
    }
  }
}
