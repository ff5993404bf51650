import type { ChatEvent } from "../../../core/event.ts";
import {
  asArray,
  asObject,
  asString,
  isObject,
  type JsonObject,
  objectsOf,
  ownOf,
  setOwn,
  tryParseJson,
} from "../../../core/json.ts";
import type { OpaqueState } from "../../../core/part.ts";
import { NOTHING_MORE } from "../../bytes/stream.ts";
import { callName } from "../../tools/call-name.ts";
import { callIdFor } from "../../tools/ids.ts";
import { readCitation } from "../citations.ts";
import { isBoundToolUse, opaque } from "../request/read-content.ts";

/** A content block of the answer between its start and its stop. A start may hold all of it already. */
export interface OpenBlock {
  delta(delta: JsonObject, out: ChatEvent[]): void;
  end(out: ChatEvent[]): void;
  /** The delta told this text and nothing else: what has to be noted of one that tells another. Undefined: more has to be done. */
  repeats(delta: JsonObject, text: string): ((text: string) => void) | undefined;
  /** Only tool calls may be open beside another block. */
  readonly overlaps: boolean;
  /** True when `block` is only the same block announced again. */
  continues(block: JsonObject): boolean;
}

/** `answerId` keeps made-up ids of different answers apart. */
export function openBlock(index: number, block: JsonObject, answerId: string, out: ChatEvent[]): OpenBlock {
  switch (block["type"]) {
    case "text":
      return new TextBlock(index, block, out);
    case "thinking":
    case "redacted_thinking":
      return new ThinkingBlock(index, block, out);
    case "tool_use":
      return isBoundToolUse(block) ? new OpaqueBlock(index, block) : new ToolBlock(index, block, answerId, out);
    default:
      return new OpaqueBlock(index, block);
  }
}

class TextBlock implements OpenBlock {
  readonly overlaps = false;
  readonly #index: number;
  #length = 0;
  /** Given out at the end, when the length of the text they are about is known. */
  readonly #citations: JsonObject[] = [];

  constructor(index: number, block: JsonObject, out: ChatEvent[]) {
    this.#index = index;
    out.push({ type: "block-start", index, block: { type: "text" } });
    this.#text(asString(block["text"]) ?? "", out);
    this.#citations.push(...objectsOf(block["citations"]));
  }

  delta(delta: JsonObject, out: ChatEvent[]): void {
    if (delta["type"] === "text_delta") this.#text(asString(delta["text"]) ?? "", out);
    const citation = asObject(delta["citation"]);
    if (delta["type"] === "citations_delta" && citation) this.#citations.push(citation);
  }

  repeats(delta: JsonObject, text: string): ((text: string) => void) | undefined {
    if (delta["text"] !== text) return undefined;
    return (more) => {
      this.#length += more.length;
    };
  }

  end(out: ChatEvent[]): void {
    const index = this.#index;
    for (const raw of this.#citations) out.push({ type: "citation", index, citation: readCitation(raw, this.#length) });
    out.push({ type: "block-end", index });
  }

  continues(block: JsonObject): boolean {
    return block["type"] === "text" && !block["text"];
  }

  #text(text: string, out: ChatEvent[]): void {
    if (text === "") return;
    this.#length += text.length;
    out.push({ type: "text-delta", index: this.#index, text });
  }
}

class ThinkingBlock implements OpenBlock {
  readonly overlaps = false;
  readonly #index: number;
  #state: OpaqueState | undefined;

  constructor(index: number, block: JsonObject, out: ChatEvent[]) {
    this.#index = index;
    out.push({ type: "block-start", index, block: { type: "reasoning" } });
    const data = asString(block["data"]);
    if (block["type"] === "redacted_thinking" && data !== undefined)
      this.#state = { dialect: "anthropic", kind: "redacted", value: data };
    else this.#thinking(block, out);
  }

  delta(delta: JsonObject, out: ChatEvent[]): void {
    this.#thinking(delta, out);
  }

  repeats(delta: JsonObject, text: string): (() => void) | undefined {
    return delta["thinking"] === text && delta["signature"] === undefined ? NOTHING_MORE : undefined;
  }

  end(out: ChatEvent[]): void {
    const index = this.#index;
    out.push(this.#state ? { type: "block-end", index, state: this.#state } : { type: "block-end", index });
  }

  continues(block: JsonObject): boolean {
    return block["type"] === "thinking" && !block["thinking"];
  }

  #thinking(fields: JsonObject, out: ChatEvent[]): void {
    const text = asString(fields["thinking"]);
    const signature = asString(fields["signature"]);
    if (text) out.push({ type: "reasoning-delta", index: this.#index, text });
    if (!signature) return;
    // The API sends it once and whole; servers that imitate it may cut it.
    const value = (this.#state?.value ?? "") + signature;
    this.#state = { dialect: "anthropic", kind: "signature", value };
  }
}

class ToolBlock implements OpenBlock {
  readonly overlaps = true;
  readonly #index: number;
  readonly #id: string;
  /** From the start: `{}` in a stream, where the deltas bring it; the whole of it in a body. */
  readonly #input: JsonObject | undefined;
  #sawArguments = false;

  constructor(index: number, block: JsonObject, answerId: string, out: ChatEvent[]) {
    this.#index = index;
    const name = callName(asString(block["name"]));
    this.#id = asString(block["id"]) || callIdFor(index, name, answerId);
    this.#input = asObject(block["input"]);
    out.push({ type: "block-start", index, block: { type: "tool-call", id: this.#id, name, kind: "function" } });
  }

  delta(delta: JsonObject, out: ChatEvent[]): void {
    const text = asString(delta["partial_json"]);
    if (!text) return;
    this.#sawArguments = true;
    out.push({ type: "arguments-delta", index: this.#index, text });
  }

  repeats(delta: JsonObject, text: string): (() => void) | undefined {
    return delta["partial_json"] === text ? NOTHING_MORE : undefined;
  }

  end(out: ChatEvent[]): void {
    const index = this.#index;
    // A call without arguments has no delta at all, but other dialects' clients parse what they get.
    if (!this.#sawArguments) out.push({ type: "arguments-delta", index, text: JSON.stringify(this.#input ?? {}) });
    out.push({ type: "block-end", index });
  }

  continues(block: JsonObject): boolean {
    return block["type"] === "tool_use" && block["id"] === this.#id;
  }
}

/** Server tools, their results, and whatever comes to be: gathered and given out whole. */
class OpaqueBlock implements OpenBlock {
  /** It is told at its end, and has its place in the order by then: another block ends it. */
  readonly overlaps = false;
  readonly #index: number;
  readonly #value: JsonObject;
  #json = "";

  constructor(index: number, block: JsonObject) {
    this.#index = index;
    this.#value = { ...block };
  }

  delta({ type, ...fields }: JsonObject): void {
    if (type === "input_json_delta") {
      this.#json += asString(fields["partial_json"]) ?? "";
      return;
    }
    for (const [key, value] of Object.entries(fields)) this.#absorb(key, value);
  }

  repeats(): undefined {
    return undefined;
  }

  end(out: ChatEvent[]): void {
    const input = this.#json === "" ? undefined : tryParseJson(this.#json);
    if (isObject(input)) this.#value["input"] = input;
    out.push({ type: "opaque", index: this.#index, part: opaque(this.#value) });
  }

  continues(block: JsonObject): boolean {
    return (
      block["type"] === this.#value["type"] && asString(block["id"]) !== undefined && block["id"] === this.#value["id"]
    );
  }

  #absorb(key: string, value: JsonObject[string]): void {
    const before = ownOf(this.#value, key);
    const list = asArray(before);
    if (typeof before === "string" && typeof value === "string") setOwn(this.#value, key, before + value);
    else if (list && Array.isArray(value)) setOwn(this.#value, key, [...list, ...value]);
    else setOwn(this.#value, key, value);
  }
}
