import { asString, isObject, type Json, type JsonObject } from "../../../core/json.ts";
import type { Part, ToolCallPart } from "../../../core/part.ts";
import type { ChatRequest, Message } from "../../../core/request.ts";
import { callIdFor } from "../../tools/ids.ts";
import { readReasoningParts } from "../reasoning-details.ts";
import { thoughtSignature } from "../thought-signature.ts";
import { badField, objectEntry, objectListField, stringField } from "./fields.ts";
import { readCacheMark, readContent } from "./read-content.ts";

export function readMessages(body: JsonObject, request: ChatRequest): void {
  const messages = objectListField(body, "messages");
  if (messages.length === 0) throw badField("messages", "must be an array of at least one message");
  const reader = new MessageReader(request);
  messages.forEach((message, index) => {
    reader.read(message, index);
  });
}

class MessageReader {
  readonly #request: ChatRequest;
  /** Call id → tool name: results name only the call, and some dialects want the name. */
  readonly #names = new Map<string, string>();
  /** Tool name → id made up for its deprecated `function_call`, which has none. */
  readonly #functionIds = new Map<string, string>();

  constructor(request: ChatRequest) {
    this.#request = request;
  }

  read(message: JsonObject, index: number): void {
    const path = `messages[${index}]`;
    switch (message["role"]) {
      case "system":
      case "developer":
        return this.#system(message, path);
      case "user":
        return this.#add("user", readContent(message["content"], `${path}.content`), message, path);
      case "assistant":
        return this.#add("assistant", this.#assistant(message, index, path), message, path);
      case "tool":
        return this.#tool(message, path);
      case "function":
        return this.#function(message, path);
    }
    this.#newRole(message, path);
  }

  /** A role the API may have learnt since: classifiers see its words, its own providers the role. */
  #newRole(message: JsonObject, path: string): void {
    const role = stringField(message, "role", `${path}.role`);
    if (!role) throw badField(`${path}.role`, "must be developer, system, user, assistant or tool");
    const parts = readContent(message["content"], `${path}.content`);
    this.#request.messages.push({ role: "user", parts, extra: { role } });
  }

  #system(message: JsonObject, path: string): void {
    const parts = readContent(message["content"], `${path}.content`);
    if (this.#request.messages.length === 0) this.#request.system.push(...parts);
    else this.#add("system", parts, message, path);
  }

  #add(role: Message["role"], parts: Part[], message: JsonObject, path: string): void {
    const name = stringField(message, "name", `${path}.name`);
    this.#request.messages.push(name === undefined ? { role, parts } : { role, parts, name });
  }

  #assistant(message: JsonObject, index: number, path: string): Part[] {
    const parts: Part[] = readReasoningParts(message);
    parts.push(...readContent(message["content"], `${path}.content`));
    const refusal = stringField(message, "refusal", `${path}.refusal`);
    if (refusal) parts.push({ type: "refusal", text: refusal });
    if (isObject(message["audio"])) {
      parts.push({ type: "opaque", dialect: "openai", what: "audio", value: message["audio"] });
    }
    const calls = objectListField(message, "tool_calls", `${path}.tool_calls`);
    parts.push(...calls.map((call, at) => this.#call(call, index, `${path}.tool_calls[${at}]`)));
    const state = thoughtSignature(message);
    if (state) parts.push({ type: "reasoning", text: "", state });
    if (isObject(message["function_call"])) parts.push(this.#functionCall(message["function_call"], index, path));
    return parts;
  }

  #call(call: JsonObject, index: number, path: string): ToolCallPart {
    const kind = call["type"] === "custom" || isObject(call["custom"]) ? "custom" : "function";
    const inner = objectEntry(call[kind] ?? null, `${path}.${kind}`);
    const name = asString(inner["name"]);
    if (!name) throw badField(`${path}.${kind}.name`, "must be the name of a tool");
    const args = argumentsText(kind === "custom" ? inner["input"] : inner["arguments"]);
    const id = stringField(call, "id", `${path}.id`) || callIdFor(index, name, args);
    this.#names.set(id, name);
    const cache = readCacheMark(call);
    const state = thoughtSignature(call);
    return { type: "tool-call", id, name, arguments: args, kind, ...(state && { state }), ...(cache && { cache }) };
  }

  #functionCall(call: JsonObject, index: number, path: string): ToolCallPart {
    const name = asString(call["name"]);
    if (!name) throw badField(`${path}.function_call.name`, "must be the name of a function");
    const args = argumentsText(call["arguments"]);
    const id = callIdFor(index, name, args);
    this.#functionIds.set(name, id);
    return { type: "tool-call", id, name, arguments: args, kind: "function" };
  }

  #tool(message: JsonObject, path: string): void {
    const callId = asString(message["tool_call_id"]);
    if (!callId) throw badField(`${path}.tool_call_id`, "must be the id of a tool call");
    const name = this.#names.get(callId) ?? asString(message["name"]);
    this.#result(message, path, callId, name);
  }

  #function(message: JsonObject, path: string): void {
    const name = asString(message["name"]);
    if (!name) throw badField(`${path}.name`, "must be the name of a function");
    this.#result(message, path, this.#functionIds.get(name) ?? callIdFor(0, name, ""), name);
  }

  /** Results that follow one another answer one turn: one message holds them. */
  #result(message: JsonObject, path: string, callId: string, name: string | undefined): void {
    const parts = readContent(message["content"], `${path}.content`);
    const cache = readCacheMark(message);
    const part: Part = {
      type: "tool-result",
      callId,
      ...(name !== undefined && { name }),
      parts,
      isError: false,
      ...(cache && { cache }),
    };
    const last = this.#request.messages.at(-1);
    if (last?.role === "tool") last.parts.push(part);
    else this.#request.messages.push({ role: "tool", parts: [part] });
  }
}

/** Some clients send the object itself in place of its text. */
function argumentsText(value: Json | undefined): string {
  if (typeof value === "string") return value;
  return value === undefined || value === null ? "" : JSON.stringify(value);
}
