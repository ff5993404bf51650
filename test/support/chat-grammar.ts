import assert from "node:assert/strict";
import { asNumber, asObject, asString, type JsonObject, objectsOf } from "../../src/core/json.ts";
import type { Grammar, StreamFrame } from "./frames.ts";

const FINISHES = ["stop", "length", "tool_calls", "content_filter", "function_call"];

/** What Chat and the older Completions have in common: unnamed chunks, a finish, at most one usage, `[DONE]` or an error. */
abstract class ChunkGrammar implements Grammar {
  protected abstract readonly object: string;
  #head: string | undefined;
  #closed: "done" | "error" | undefined;
  #usage = false;
  /** By index of the choice. */
  protected readonly finished = new Map<number, boolean>();

  frame({ name, value, text }: StreamFrame): void {
    assert.equal(this.#closed, undefined, `something after the terminal: ${text}`);
    assert.equal(name, undefined, "events of this API have no name");
    if (value === undefined) return this.#done();
    if ("error" in value) {
      assert.equal(typeof asObject(value["error"])?.["message"], "string", "an error says what it is");
      this.#closed = "error";
      return;
    }
    this.#chunk(value);
  }

  end(): void {
    assert.ok(this.#closed, "the stream has no terminal");
  }

  #done(): void {
    assert.ok(this.finished.size > 0, "[DONE] without any chunk");
    for (const [index, finished] of this.finished)
      assert.ok(finished, `[DONE], but choice ${index} has no finish_reason`);
    this.#closed = "done";
  }

  #chunk(value: JsonObject): void {
    assert.equal(value["object"], this.object);
    const { id, created, model } = value;
    assert.ok(typeof id === "string" && id !== "" && typeof model === "string", "a chunk has no id or no model");
    assert.equal(typeof created, "number", "a chunk has no time of creation");
    const head = JSON.stringify([id, created, model]);
    assert.equal(head, this.#head ?? head, "id, created and model are the same in each chunk");
    this.#head = head;
    assert.ok(!this.#usage, "a chunk after the usage");
    assert.ok(Array.isArray(value["choices"]), "a chunk without choices");
    const choices = objectsOf(value["choices"]);
    if (asObject(value["usage"])) this.#usageChunk(value, choices);
    else assert.ok(choices.length > 0, "a chunk with neither choices nor usage");
    for (const choice of choices) this.#choice(choice);
  }

  #usageChunk(value: JsonObject, choices: JsonObject[]): void {
    assert.deepEqual(choices, [], "usage comes in a chunk of its own");
    assert.ok([...this.finished.values()].every(Boolean), "usage before the finish");
    const usage = asObject(value["usage"]) ?? {};
    const [prompt, completion, total] = ["prompt_tokens", "completion_tokens", "total_tokens"].map((name) =>
      asNumber(usage[name]),
    );
    assert.equal(total, (prompt ?? Number.NaN) + (completion ?? Number.NaN), "the tokens add up");
    this.#usage = true;
  }

  #choice(choice: JsonObject): void {
    const index = asNumber(choice["index"]);
    assert.ok(index !== undefined, "a choice without its index");
    assert.ok(!this.finished.get(index), "something after the finish_reason");
    assert.ok("finish_reason" in choice, "a choice without the key finish_reason");
    const finish = choice["finish_reason"];
    if (finish !== null) assert.ok(FINISHES.includes(String(finish)), `finish_reason is ${JSON.stringify(finish)}`);
    this.content(index, choice, finish !== null);
    this.finished.set(index, finish !== null);
  }

  protected abstract content(index: number, choice: JsonObject, finishes: boolean): void;
}

/** Chat: the role in the first chunk of a choice and nowhere else, calls counted from 0, the finish in a chunk of its own. */
export class ChatGrammar extends ChunkGrammar {
  protected override readonly object = "chat.completion.chunk";
  /** By index of the choice: the calls opened so far, and whether each is a custom one. */
  readonly #calls = new Map<number, string[]>();

  protected override content(index: number, choice: JsonObject, finishes: boolean): void {
    const delta = asObject(choice["delta"]);
    assert.ok(delta, "a choice without its delta");
    const known = this.finished.has(index);
    assert.equal(delta["role"], known ? undefined : "assistant", "the role is in the first chunk and in no other");
    for (const name of ["content", "refusal", "reasoning_content"]) {
      assert.equal(typeof (delta[name] ?? ""), "string", `${name} is not a text`);
    }
    if (finishes) assert.deepEqual(delta, {}, "the finish_reason comes in a chunk of its own");
    const calls = this.#calls.get(index) ?? [];
    this.#calls.set(index, calls);
    for (const call of objectsOf(delta["tool_calls"])) this.#call(call, calls);
    if (!finishes) return;
    const word = choice["finish_reason"];
    if (word === "tool_calls") assert.ok(calls.length > 0, "tool_calls without a call");
    if (word === "stop") assert.equal(calls.length, 0, "stop, though tools were called");
  }

  #call(call: JsonObject, calls: string[]): void {
    const place = asNumber(call["index"]);
    assert.ok(place !== undefined && place <= calls.length, `the index of a call is ${JSON.stringify(call["index"])}`);
    const kind = asString(calls[place]) ?? asString(call["type"]) ?? "";
    assert.ok(kind === "function" || kind === "custom", `a call of type ${kind}`);
    const inner = asObject(call[kind]);
    assert.equal(typeof inner?.[kind === "custom" ? "input" : "arguments"], "string", "a delta without arguments");
    if (place < calls.length) {
      assert.deepEqual(
        [call["id"], call["type"], inner?.["name"]],
        [undefined, undefined, undefined],
        "a call opens twice",
      );
      return;
    }
    assert.ok(asString(call["id"]) && asString(inner?.["name"]), "a call opens without its id or its name");
    calls.push(kind);
  }
}

/** The older Completions: choices of text. */
export class CompletionsGrammar extends ChunkGrammar {
  protected override readonly object = "text_completion";

  protected override content(_index: number, choice: JsonObject, finishes: boolean): void {
    assert.equal(typeof choice["text"], "string", "a choice without its text");
    if (finishes) assert.ok(["stop", "length", "content_filter"].includes(String(choice["finish_reason"])));
  }
}
