import assert from "node:assert/strict";
import { asNumber, asObject, asString, type JsonObject, objectsOf } from "../../src/core/json.ts";
import type { Grammar, StreamFrame } from "./frames.ts";

const COUNTS = [
  "total_duration",
  "load_duration",
  "prompt_eval_count",
  "prompt_eval_duration",
  "eval_count",
  "eval_duration",
];

/** Ollama's lines: any number of pieces, then one with `done`, the reason and the counts, or one with an error. */
export class OllamaGrammar implements Grammar {
  readonly #shape: "chat" | "generate";
  #closed = false;
  #calls = 0;

  constructor(shape: "chat" | "generate") {
    this.#shape = shape;
  }

  frame({ value, text }: StreamFrame): void {
    assert.ok(!this.#closed, `something after the last line: ${text}`);
    assert.ok(value, "[DONE] is of another API");
    if ("error" in value) {
      assert.equal(typeof value["error"], "string", "an error is a text");
      this.#closed = true;
      return;
    }
    assert.ok(asString(value["model"]), "a line without its model");
    assert.ok(Number.isFinite(Date.parse(String(value["created_at"]))), "a line without its time");
    this.#content(value);
    assert.equal(typeof value["done"], "boolean", "a line without done");
    if (value["done"] === true) this.#last(value);
    else for (const name of ["done_reason", ...COUNTS]) assert.ok(!(name in value), `${name} before the last line`);
  }

  end(): void {
    assert.ok(this.#closed, "the stream has no line with done");
  }

  #content(value: JsonObject): void {
    const message = this.#shape === "chat" ? asObject(value["message"]) : value;
    assert.ok(message, "a line without its message");
    if (this.#shape === "chat") assert.equal(message["role"], "assistant");
    assert.equal(typeof message[this.#shape === "chat" ? "content" : "response"], "string", "a line without its text");
    assert.ok(["string", "undefined"].includes(typeof message["thinking"]), "thinking is not a text");
    const calls = objectsOf(message["tool_calls"]);
    assert.ok(value["done"] === false || calls.length === 0, "a call in the last line");
    for (const call of calls) {
      const called = asObject(call["function"]);
      assert.ok(asString(called?.["name"]), "a call without its name");
      assert.ok(asObject(called?.["arguments"]), "the arguments of a call are an object");
      assert.equal(called?.["index"] ?? this.#calls, this.#calls, "calls are counted from 0");
      this.#calls++;
    }
  }

  #last(value: JsonObject): void {
    assert.ok(["stop", "length", "load", "unload"].includes(String(value["done_reason"])), "no done_reason");
    for (const name of COUNTS) assert.ok((asNumber(value[name]) ?? -1) >= 0, `the last line has no ${name}`);
    this.#closed = true;
  }
}
