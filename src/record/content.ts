import type { FinishReason } from "../core/event.ts";
import { type Json, type JsonObject, tryParseJson } from "../core/json.ts";
import { type MediaSource, type Part, textOf } from "../core/part.ts";
import type { ChatRequest } from "../core/request.ts";
import type { ChatResponse } from "../core/response.ts";
import type { LoggedMessage, LoggedResponse } from "./events.ts";

/** The request's messages as the log holds them. */
export function loggedMessages(request: ChatRequest): LoggedMessage[] {
  return request.messages.map((message) => ({ role: message.role, content: message.parts.flatMap(loggedPart) }));
}

/** So many characters of a prompt tell people which it was. */
const PREVIEW_CHARS = 200;

/** The beginning of the last user message that has text. */
export function previewOf({ messages }: ChatRequest): string | null {
  for (const { role, parts } of messages.toReversed()) {
    const text = role === "user" ? parts.find((part) => part.type === "text" && part.text !== "") : undefined;
    if (text?.type === "text") return text.text.slice(0, PREVIEW_CHARS);
  }
  return null;
}

export function loggedSystem(request: ChatRequest): string | null {
  return request.system.length === 0 ? null : textOf(request.system, "\n\n");
}

function loggedPart(part: Part): JsonObject[] {
  switch (part.type) {
    case "text":
    case "refusal":
      return [{ type: "text", text: part.text }];
    case "image":
      return [{ type: "image", ...loggedSource(part.source) }];
    case "document":
      return [{ type: "document", ...(part.source.kind === "text" ? {} : loggedSource(part.source)) }];
    case "audio":
      return [{ type: "audio", format: part.format, base64_chars: part.data.length }];
    case "tool-call":
      return [{ type: "tool_use", id: part.id, name: part.name, input: loggedArguments(part.arguments) }];
    case "tool-result":
      return [
        {
          type: "tool_result",
          tool_use_id: part.callId,
          content: textOf(part.parts, "\n"),
          ...(part.isError && { is_error: true }),
        },
      ];
    case "reasoning":
      return part.text === "" ? [] : [{ type: "reasoning", text: part.text }];
    case "opaque":
      return [{ type: part.what }];
  }
}

/** Deeper values stay text: `JSON.parse` takes any depth, but `JSON.stringify` runs out of stack some thousands of levels down. */
const MAX_DEPTH = 200;

/** Arguments of a tool call as the value they stand for, or as they are when they are not JSON. */
function loggedArguments(text: string): Json {
  const value = tryParseJson(text);
  if (value === undefined) return text;
  return text.length > 2 * MAX_DEPTH && isDeeperThan(MAX_DEPTH, value) ? text : value;
}

function isDeeperThan(depth: number, value: Json | undefined): boolean {
  if (typeof value !== "object" || value === null) return false;
  return depth === 0 || Object.values(value).some((inner) => isDeeperThan(depth - 1, inner));
}

/** Where media came from and how large it was; the data itself would make the log unreadable. */
function loggedSource(source: MediaSource): JsonObject {
  switch (source.kind) {
    case "url":
      return { url: source.url };
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

export function loggedResponse(response: ChatResponse, tags: readonly string[]): LoggedResponse {
  const tool_calls = response.parts.flatMap((part) =>
    part.type === "tool-call" ? [{ id: part.id, name: part.name, arguments: loggedArguments(part.arguments) }] : [],
  );
  return {
    id: response.id,
    model: response.model,
    content: response.parts.map((part) => (part.type === "text" || part.type === "refusal" ? part.text : "")).join(""),
    stop_reason: STOP_REASONS[response.finish.reason] ?? "other",
    tool_calls,
    usage: { input_tokens: response.usage?.input ?? 0, output_tokens: response.usage?.output ?? 0 },
    tags: [...tags],
    ...(response.omitted !== undefined && { truncated: true as const }),
  };
}
