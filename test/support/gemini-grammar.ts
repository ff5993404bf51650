import assert from "node:assert/strict";
import {
  asNumber,
  asObject,
  isObject,
  type Json,
  type JsonObject,
  objectsOf,
  tryParseJson,
} from "../../src/core/json.ts";

const COUNTS = ["promptTokenCount", "candidatesTokenCount", "thoughtsTokenCount", "totalTokenCount"];
/** Stand in a part beside what it is. Any other object may be a kind that is new. */
const BESIDE = ["partMetadata", "videoMetadata", "mediaResolution"];

/**
 * Fails where a stream of `alt=sse` breaks the grammar of Gemini's API; returns its responses. Nothing but `data:` lines, each
 * followed by a blank one; one finish reason, in the last response; counts that never fall; an error comes last.
 */
export function checkGeminiStream(text: string): JsonObject[] {
  assert.ok(text === "" || /\r?\n\r?\n$/.test(text), "the last event has its blank line");
  const checker = new GrammarChecker();
  const responses: JsonObject[] = [];
  for (const block of text.split(/(?:\r?\n){2,}/)) {
    if (block === "") continue;
    const data = /^data: ?([^\r\n]*)$/.exec(block)?.[1];
    const response = tryParseJson(data ?? "");
    // Half an event is what a provider that broke off left in front of the error.
    if (response === undefined) checker.broken(block);
    else responses.push(checker.take(response));
  }
  checker.close();
  return responses;
}

/** The same for the form without `alt=sse`: one JSON array of responses. */
export function checkGeminiArray(text: string): JsonObject[] {
  const list: Json = JSON.parse(text);
  assert.ok(Array.isArray(list), "not an array");
  const checker = new GrammarChecker();
  const responses = list.map((response) => checker.take(response));
  checker.close();
  return responses;
}

class GrammarChecker {
  #closed: "finish" | "error" | undefined;
  #broken: string | undefined;
  readonly #head = new Map<string, Json>();
  readonly #counts = new Map<string, number>();

  broken(block: string): void {
    assert.equal(this.#closed ?? this.#broken, undefined, `not a data line with JSON: ${block}`);
    this.#broken = block;
  }

  take(response: Json): JsonObject {
    assert.ok(isObject(response), "a response is an object");
    if (this.#broken !== undefined) assert.ok(response["error"], `not a data line with JSON: ${this.#broken}`);
    assert.equal(this.#closed, undefined, `after the last response: ${JSON.stringify(response)}`);
    const { error } = response;
    if (error !== undefined) this.#error(error);
    else this.#answer(response);
    return response;
  }

  close(): void {
    if (this.#broken !== undefined) assert.equal(this.#closed, "error", `not a data line with JSON: ${this.#broken}`);
    assert.ok(this.#closed, "the stream has neither a finish reason nor an error");
  }

  #error(json: Json): void {
    const error = asObject(json);
    const code = asNumber(error?.["code"]) ?? 0;
    assert.ok(code >= 400 && code < 600, "an error has a numeric code");
    assert.equal(typeof error?.["message"], "string");
    assert.match(String(error?.["status"]), /^[A-Z_]+$/);
    this.#closed = "error";
  }

  #answer(response: JsonObject): void {
    const { candidates } = response;
    for (const key of ["modelVersion", "responseId"]) {
      const value = response[key];
      if (value === undefined) continue;
      assert.equal(this.#head.get(key) ?? value, value, "one model, one id");
      this.#head.set(key, value);
    }
    const list = objectsOf(candidates);
    assert.ok(list.length === 1 || asObject(response["promptFeedback"]), "one candidate");
    for (const candidate of list) this.#candidate(candidate);
    if (list.length === 0) this.#closed = "finish";
    this.#usage(asObject(response["usageMetadata"]));
  }

  #candidate({ content, finishReason, index }: JsonObject): void {
    assert.equal(index ?? 0, 0);
    const said = asObject(content);
    if (said) assert.equal(said["role"] ?? "model", "model");
    for (const part of objectsOf(said?.["parts"])) {
      const kinds = Object.keys(part).filter((key) => isObject(part[key]) && !BESIDE.includes(key));
      if (part["text"] !== undefined) kinds.push("text");
      assert.equal(kinds.length, 1, `a part is of one kind: ${JSON.stringify(part)}`);
      assert.equal(typeof (part["text"] ?? ""), "string", "a text is a string");
      const call = asObject(part["functionCall"]);
      if (call) assert.ok(typeof call["name"] === "string" && isObject(call["args"] ?? {}), "a call has a name");
    }
    if (finishReason === undefined) return;
    assert.match(String(finishReason), /^[A-Z_]+$/);
    this.#closed = "finish";
  }

  #usage(usage: JsonObject | undefined): void {
    if (!usage) return;
    for (const key of COUNTS) {
      const count = asNumber(usage[key]);
      if (count === undefined) continue;
      assert.ok(count >= (this.#counts.get(key) ?? 0), `${key} falls`);
      this.#counts.set(key, count);
    }
    const [prompt = 0, candidates = 0, thoughts = 0, total] = COUNTS.map((key) => asNumber(usage[key]));
    const tools = asNumber(usage["toolUsePromptTokenCount"]) ?? 0;
    if (total !== undefined) assert.equal(total, prompt + candidates + thoughts + tools, "the total is the sum");
  }
}
