import type { FinishReason } from "../core/event.ts";
import { type Json, type JsonObject, tryParseJson } from "../core/json.ts";
import { type MediaSource, type Part, type ToolCallPart, textOf } from "../core/part.ts";
import type { ChatRequest, Message } from "../core/request.ts";
import type { ChatResponse } from "../core/response.ts";
import type { Content } from "./content-policy.ts";
import type { AttemptRecord, CompleteEvent, LoggedMessage, LoggedResponse, Warning } from "./events.ts";

/** The request's messages as the log holds them. */
export function loggedMessages(request: ChatRequest, content: Content): LoggedMessage[] {
  return request.messages.map((message) => loggedMessage(message, content));
}

function loggedMessage({ role, parts }: Message, content: Content): LoggedMessage {
  const logged: JsonObject[] = [];
  for (const part of parts) {
    const one = loggedPart(part, content);
    if (one) logged.push(one);
  }
  return { role, content: logged };
}

/** So many characters of a prompt tell people which it was. */
const PREVIEW_CHARS = 200;
/** What is looked at for it: a secret may reach beyond the end of it. */
const LOOKED_AT_CHARS = 4096;

/** The beginning of the last user message that has text. */
export function previewOf({ messages }: ChatRequest, content: Content): string | null {
  for (const { role, parts } of messages.toReversed()) {
    const text = role === "user" ? parts.find((part) => part.type === "text" && part.text !== "") : undefined;
    if (text?.type === "text")
      return content.text(text.text.slice(0, LOOKED_AT_CHARS))?.slice(0, PREVIEW_CHARS) ?? null;
  }
  return null;
}

/** The system prompt, null when there is none; when it is not recorded, how long it is. */
export function loggedSystem(request: ChatRequest, content: Content): Pick<CompleteEvent, "system" | "system_chars"> {
  if (request.system.length === 0) return { system: null };
  const text = textOf(request.system, "\n\n");
  const system = content.text(text);
  return system === null ? { system, system_chars: text.length } : { system };
}

function loggedText(type: "text" | "reasoning", text: string, content: Content): JsonObject {
  const recorded = content.text(text);
  return recorded === null ? { type, text_chars: text.length } : { type, text: recorded };
}

/** A text under its name; when it is not recorded, how long it is. */
function told(name: string, text: string, content: Content): JsonObject {
  const recorded = content.text(text);
  return recorded === null ? { [`${name}_chars`]: text.length } : { [name]: recorded };
}

/** Undefined: there is nothing to tell of it. */
function loggedPart(part: Part, content: Content): JsonObject | undefined {
  switch (part.type) {
    case "text":
    case "refusal":
      return loggedText("text", part.text, content);
    case "image":
      return { type: "image", ...loggedSource(part.source, content) };
    case "document":
      return { type: "document", ...(part.source.kind === "text" ? {} : loggedSource(part.source, content)) };
    case "audio":
      return { type: "audio", format: part.format, base64_chars: part.data.length };
    case "tool-call": {
      const { value, chars } = loggedArguments(part.arguments, content);
      const length = chars !== undefined && { input_chars: chars };
      return { type: "tool_use", id: part.id, name: part.name, input: value, ...length };
    }
    case "tool-result":
      return {
        type: "tool_result",
        tool_use_id: part.callId,
        ...told("content", textOf(part.parts, "\n"), content),
        ...(part.isError && { is_error: true }),
      };
    case "reasoning":
      return part.text === "" ? undefined : loggedText("reasoning", part.text, content);
    case "opaque":
      return { type: part.what };
  }
}

/** Deeper values stay text: `JSON.parse` takes any depth, but `JSON.stringify` runs out of stack some thousands of levels down. */
const MAX_DEPTH = 200;

/** Arguments of a tool call; when they are not recorded, how long they are. */
function loggedArguments(text: string, content: Content): { value: Json; chars?: number } {
  const value = content.value(valueOfArguments(text));
  return value === undefined ? { value: null, chars: text.length } : { value };
}

/** As the value they stand for, or as they are when they are not JSON. */
export function valueOfArguments(text: string): Json {
  const value = tryParseJson(text);
  if (value === undefined) return text;
  return text.length > 2 * MAX_DEPTH && isDeeperThan(MAX_DEPTH, value) ? text : value;
}

function isDeeperThan(depth: number, value: Json | undefined): boolean {
  if (typeof value !== "object" || value === null) return false;
  return depth === 0 || Object.values(value).some((inner) => isDeeperThan(depth - 1, inner));
}

/** Where media came from and how large it was; the data itself would make the log unreadable. */
function loggedSource(source: MediaSource, content: Content): JsonObject {
  switch (source.kind) {
    case "url":
      return told("url", source.url, content);
    case "file":
      return { file_id: source.id };
    case "base64":
      return { media_type: source.mediaType, base64_chars: source.data.length };
  }
}

const STOP_REASONS: Partial<Record<FinishReason, LoggedResponse["stop_reason"]>> = {
  stop: "end_turn",
  stop_sequence: "end_turn",
  length: "max_tokens",
  context: "max_tokens",
  tool_calls: "tool_use",
};

export function loggedResponse(response: ChatResponse, tags: readonly string[], content: Content): LoggedResponse {
  const tool_calls: LoggedResponse["tool_calls"] = [];
  let text = "";
  for (const part of response.parts) {
    if (part.type === "text" || part.type === "refusal") text += part.text;
    else if (part.type === "tool-call") tool_calls.push(loggedCall(part, content));
  }
  const recorded = content.text(text);
  const logged: LoggedResponse = {
    id: response.id,
    model: response.model,
    content: recorded ?? "",
    stop_reason: STOP_REASONS[response.finish.reason] ?? "other",
    tool_calls,
    usage: { input_tokens: response.usage?.input ?? 0, output_tokens: response.usage?.output ?? 0 },
    tags: [...tags],
  };
  if (recorded === null) logged.content_chars = text.length;
  if (response.omitted !== undefined) logged.truncated = true;
  return logged;
}

function loggedCall({ id, name, arguments: text }: ToolCallPart, content: Content) {
  const { value, chars } = loggedArguments(text, content);
  return { id, name, arguments: value, ...(chars !== undefined && { arguments_chars: chars }) };
}

/** An attempt, without what the policy withholds of the provider's words. */
export function loggedAttempt(record: AttemptRecord, content: Content): AttemptRecord {
  return record.error === undefined ? record : { ...record, error: content.fault(record.error, record.outcome) };
}

/** Likewise; of the details only `said` is a provider's. */
export function loggedWarning(warning: Warning, content: Content): Warning {
  const { said, ...details } = warning.details;
  return typeof said === "string" ? { ...warning, details: { ...details, ...told("said", said, content) } } : warning;
}
