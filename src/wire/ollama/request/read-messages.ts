import type { Json, JsonObject } from "../../../core/json.ts";
import type { AudioPart, DocumentPart, ImagePart, Part, ToolCallPart, ToolResultPart } from "../../../core/part.ts";
import type { ChatRequest, Message } from "../../../core/request.ts";
import { isPdf, parseDataUrl, sniffAudio, sniffImage } from "../../media.ts";
import { callIdFor } from "../../tools/ids.ts";
import { objectField, objectList, refuse, requiredString, stringField, stringList } from "../fields.ts";

/** Reads `messages`: the leading system ones become `request.system`, later ones stay where they are. */
export function readMessages(value: Json | undefined, request: ChatRequest): void {
  const calls = new OpenCalls();
  for (const [at, message] of objectList(value, "messages").entries()) {
    const param = `messages[${at}]`;
    const read = readMessage(message, param, calls);
    if (read.role === "system" && request.messages.length === 0) request.system.push(...read.parts);
    else request.messages.push(read);
  }
}

function readMessage(message: JsonObject, param: string, calls: OpenCalls): Message {
  const role = requiredString(message["role"], `${param}.role`);
  const content = stringField(message["content"], `${param}.content`) ?? "";
  const images = readImages(message["images"], `${param}.images`);
  const parts: Part[] = content === "" ? images : [{ type: "text", text: content }, ...images];
  switch (role) {
    case "system":
    case "developer":
      return { role: "system", parts };
    case "user":
      calls.turn();
      return { role: "user", parts };
    case "assistant":
      return { role: "assistant", parts: [...thinking(message, param), ...parts, ...readCalls(message, param, calls)] };
    case "tool":
      return { role: "tool", parts: [readResult(message, param, parts, calls)] };
    default:
      return refuse(`${param}.role`, 'one of "system", "user", "assistant", "tool"');
  }
}

function thinking(message: JsonObject, param: string): Part[] {
  const text = stringField(message["thinking"], `${param}.thinking`);
  return text ? [{ type: "reasoning", text }] : [];
}

/** Bare base64, as the API has it, of sounds too; data URLs are taken too, since clients get this wrong. */
export function readImages(value: Json | undefined, param: string): (ImagePart | DocumentPart | AudioPart)[] {
  return stringList(value, param).map((image) => {
    const data = parseDataUrl(image)?.data ?? image;
    const format = sniffAudio(data);
    if (format) return { type: "audio", data, format };
    const source = { kind: "base64", mediaType: sniffImage(data), data } as const;
    return isPdf(source) ? { type: "document", source } : { type: "image", source };
  });
}

function readCalls(message: JsonObject, param: string, calls: OpenCalls): ToolCallPart[] {
  return objectList(message["tool_calls"], `${param}.tool_calls`).map((call, at) => {
    const path = `${param}.tool_calls[${at}]`;
    const fn = objectField(call["function"], `${path}.function`) ?? refuse(`${path}.function`, "an object");
    const name = requiredString(fn["name"], `${path}.function.name`);
    const text = argumentsText(fn["arguments"]);
    return calls.open(stringField(call["id"], `${path}.id`), name, text);
  });
}

/** The raw text of arguments that came as an object (or, from sloppy clients, as text already). */
export function argumentsText(value: Json | undefined): string {
  if (value === undefined || value === null) return "{}";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function readResult(message: JsonObject, param: string, parts: Part[], calls: OpenCalls): ToolResultPart {
  const id = stringField(message["tool_call_id"], `${param}.tool_call_id`);
  const name = stringField(message["tool_name"] ?? message["name"], `${param}.tool_name`);
  const call = calls.close(id || undefined, name || undefined);
  return { type: "tool-result", callId: call.id, ...(call.name && { name: call.name }), parts, isError: false };
}

/**
 * Pairs results with calls. Old servers and the JavaScript SDK know no ids: then a result belongs to the first call of its
 * name that has none yet, or, without a name, to the first call at all.
 */
class OpenCalls {
  #open: { id: string; name: string }[] = [];
  #count = 0;

  /** The user has spoken: calls still open will not be answered any more. */
  turn(): void {
    this.#open = [];
  }

  open(given: string | undefined, name: string, text: string): ToolCallPart {
    const id = given || callIdFor(this.#count, name, text);
    this.#count++;
    this.#open.push({ id, name });
    return { type: "tool-call", id, name, arguments: text, kind: "function" };
  }

  close(id: string | undefined, name: string | undefined): { id: string; name?: string | undefined } {
    const at = this.#open.findIndex((call) =>
      id !== undefined ? call.id === id : name === undefined || call.name === name,
    );
    const [call] = at === -1 ? [] : this.#open.splice(at, 1);
    return call ?? { id: id ?? callIdFor(this.#count++, name ?? "", ""), name };
  }
}
