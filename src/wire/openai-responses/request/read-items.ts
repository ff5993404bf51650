import {
  asArray,
  asObject,
  asString,
  isObject,
  type Json,
  type JsonObject,
  objectsOf,
  setOwn,
} from "../../../core/json.ts";
import type { OpaquePart, Part, ReasoningPart, ToolResultPart } from "../../../core/part.ts";
import type { Message } from "../../../core/request.ts";
import { searchOf } from "../answer/web-search.ts";
import { flatToolName } from "../tool-names.ts";
import { invalid, requiredString, stringField } from "./fields.ts";
import { readContent } from "./read-content.ts";

/** What the items of `input` add up to. */
export interface ReadInput {
  /** Leading system and developer items. */
  system: Part[];
  messages: Message[];
  /** Items that hold what no other API can be told, by type: what the answer depends on would be missing. */
  missing: JsonObject;
  /** The last `configuration_update`: later settings that replace the request's own. */
  configuration: JsonObject | undefined;
}

export function readInput(input: Json | undefined): ReadInput {
  const reader = new InputReader();
  if (typeof input === "string") {
    if (input !== "") reader.read.messages.push({ role: "user", parts: [{ type: "text", text: input }] });
  } else if (Array.isArray(input)) {
    input.forEach((item, index) => {
      reader.item(item, `input[${index}]`);
    });
  } else if (input !== undefined && input !== null) throw invalid("input", "must be a string or an array");
  return reader.read;
}

/** Groups items into messages: what the model said in a row is one assistant message, results in a row one tool message. */
class InputReader {
  readonly read: ReadInput = { system: [], messages: [], missing: {}, configuration: undefined };
  readonly #names = new Map<string, string>();

  item(item: Json, path: string): void {
    if (typeof item === "string") return this.#push("user", [{ type: "text", text: item }]);
    if (!isObject(item)) throw invalid(path, "must be an object");
    switch (typeOf(item, path)) {
      case "message":
        return this.#message(item, path);
      case "function_call":
        return this.#call(item, path, "function");
      case "custom_tool_call":
        return this.#call(item, path, "custom");
      case "function_call_output":
      case "custom_tool_call_output":
        return this.#result(item, path);
      case "reasoning":
        return this.#assistant(readReasoning(item));
      case "additional_tools":
        return; // read with the other tools
      case "configuration_update":
        this.read.configuration = { ...this.read.configuration, ...item };
        return;
      default:
        return this.#opaque(item, path);
    }
  }

  #message(item: JsonObject, path: string): void {
    const parts = readContent(item["content"], `${path}.content`);
    const role = item["role"];
    if (role === "assistant") return this.#said(parts, asString(item["phase"]));
    if (role === "user") return this.#push("user", parts);
    if (role !== "system" && role !== "developer")
      throw invalid(`${path}.role`, "must be user, assistant, system or developer");
    if (this.read.messages.length === 0) this.read.system.push(...parts);
    else this.#push("system", parts);
  }

  /** Two messages in a row stay two, as do those of two phases; one that goes with reasoning or calls joins them. */
  #said(parts: Part[], phase: string | undefined): void {
    const last = this.read.messages.at(-1);
    const before = last?.role === "assistant" ? last.parts.at(-1)?.type : undefined;
    const other = last?.role === "assistant" && last.extra !== undefined && last.extra["phase"] !== phase;
    if (before === "text" || before === "refusal" || other) this.#push("assistant", parts);
    else for (const part of parts) this.#assistant(part);
    const message = this.read.messages.at(-1);
    if (phase !== undefined && message?.role === "assistant" && parts.length > 0) message.extra = { phase };
  }

  #call(item: JsonObject, path: string, kind: "function" | "custom"): void {
    const id = requiredString(item, "call_id", `${path}.call_id`);
    const name = flatToolName(asString(item["namespace"]), requiredString(item, "name", `${path}.name`));
    const field = kind === "function" ? "arguments" : "input";
    this.#names.set(id, name);
    this.#assistant({
      type: "tool-call",
      id,
      name,
      arguments: stringField(item, field, `${path}.${field}`) ?? "",
      kind,
    });
  }

  #result(item: JsonObject, path: string): void {
    const callId = requiredString(item, "call_id", `${path}.call_id`);
    const { output } = item;
    const parts = isObject(output)
      ? [{ type: "text" as const, text: JSON.stringify(output) }]
      : readContent(output, `${path}.output`);
    const result: ToolResultPart = { type: "tool-result", callId, parts, isError: false };
    const name = this.#names.get(callId);
    if (name !== undefined) result.name = name;
    const last = this.read.messages.at(-1);
    if (last?.role === "tool") last.parts.push(result);
    else this.#push("tool", [result]);
  }

  #opaque(item: JsonObject, path: string): void {
    const what = typeOf(item, path);
    const search = searchOf(item);
    const part: OpaquePart = {
      type: "opaque",
      dialect: "openai-responses",
      what,
      value: item,
      ...(search && { search }),
    };
    if (isNeeded(item, what)) setOwn(this.read.missing, what, item);
    // Outputs, approvals and triggers come from the client's side.
    if (/_output$|_response$|_trigger$/.test(what)) this.#push("user", [part]);
    else this.#assistant(part);
  }

  #assistant(part: Part): void {
    const last = this.read.messages.at(-1);
    if (last?.role === "assistant") last.parts.push(part);
    else this.#push("assistant", [part]);
  }

  #push(role: Message["role"], parts: Part[]): void {
    if (parts.length > 0) this.read.messages.push({ role, parts });
  }
}

/**
 * What a conversation cannot do without: messages and calls stored elsewhere, and what earlier turns were compacted into.
 * Reasoning can be left out: it is referred to by every client whose provider stores (AI SDK).
 */
function isNeeded(item: JsonObject, what: string): boolean {
  if (what === "item_reference") return !(asString(item["id"])?.startsWith("rs_") ?? false);
  return what === "compaction" || what === "compaction_trigger";
}

/** Items may leave their type out: one with a role is a message, one with only an id a reference. */
function typeOf(item: JsonObject, path: string): string {
  const type = stringField(item, "type", `${path}.type`);
  if (type !== undefined) return type;
  if (item["role"] !== undefined) return "message";
  if (typeof item["id"] === "string") return "item_reference";
  throw invalid(`${path}.type`, "is required");
}

/** Raw reasoning where there is some, else its summary. */
export function readReasoning(item: JsonObject): ReasoningPart {
  const raw = joined(item["content"]);
  const summary = joined(item["summary"]);
  const part: ReasoningPart = { type: "reasoning", text: raw || summary };
  if (raw === "" && summary !== "") part.summary = true;
  const id = asString(item["id"]);
  if (id !== undefined && id !== "") part.id = id;
  const encrypted = asString(item["encrypted_content"]);
  if (encrypted !== undefined && encrypted !== "")
    part.state = { dialect: "openai-responses", kind: "encrypted", value: encrypted };
  return part;
}

function joined(list: Json | undefined): string {
  if (asArray(list) === undefined) return asString(asObject(list)?.["text"]) ?? asString(list) ?? "";
  return objectsOf(list)
    .map((entry) => asString(entry["text"]) ?? "")
    .filter((text) => text !== "")
    .join("\n\n");
}
