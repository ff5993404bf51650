import { asNumber, asString, isObject, type Json, type JsonObject, objectsOf } from "../../../src/core/json.ts";
import type { Attempt } from "../../../web/src/live/row.ts";

/** One piece of a conversation, to be read. */
export interface ConversationPart {
  readonly role: string;
  readonly kind: "text" | "reasoning" | "tool" | "other";
  readonly text: string;
}

export interface Verdict {
  readonly label: string;
  readonly outcome: string;
  readonly provider: string | null;
  readonly model: string | null;
  readonly reason: string | null;
}

/** What of a `complete` event the detail shows. */
export interface ExchangeRecord {
  readonly decision: readonly Verdict[];
  readonly attempts: readonly Attempt[];
  readonly losses: readonly { readonly field: string; readonly treatment: string }[];
  readonly warnings: readonly { readonly message: string }[];
  readonly parts: readonly ConversationPart[];
  readonly traceId: string | null;
}

/** Reads a record without trusting it: files are edited, and versions differ. */
export function recordOf(record: JsonObject): ExchangeRecord {
  return {
    decision: verdictsOf(record["decision"]),
    attempts: objectsOf(record["attempts"]).map(attemptOf),
    losses: objectsOf(record["losses"]).map((loss) => ({
      field: asString(loss["field"]) ?? "?",
      treatment: asString(loss["treatment"]) ?? "",
    })),
    warnings: objectsOf(record["warnings"]).map((warning) => ({ message: asString(warning["message"]) ?? "" })),
    parts: [...systemPart(record), ...objectsOf(record["messages"]).flatMap(messageParts), ...answerParts(record)],
    traceId: asString(record["trace_id"]) ?? null,
  };
}

/** Of a decision as events and records have it. */
export function verdictsOf(decision: unknown): Verdict[] {
  return (Array.isArray(decision) ? decision.filter(isObject) : []).map((verdict) => ({
    label: asString(verdict["label"]) ?? `rule ${asNumber(verdict["rule"]) ?? "?"}`,
    outcome: asString(verdict["outcome"]) ?? "?",
    provider: asString(verdict["provider"]) ?? null,
    model: asString(verdict["model"]) ?? null,
    reason: asString(verdict["reason"]) ?? null,
  }));
}

function attemptOf(attempt: JsonObject): Attempt {
  const number = (name: string) => asNumber(attempt[name]);
  const optional = (name: "queued_ms" | "connect_ms" | "headers_ms" | "status") => {
    const value = number(name);
    return value === undefined ? {} : { [name]: value };
  };
  const error = asString(attempt["error"]);
  return {
    provider: asString(attempt["provider"]) ?? "?",
    model: asString(attempt["model"]) ?? "?",
    outcome: asString(attempt["outcome"]) ?? "?",
    at_ms: number("at_ms") ?? 0,
    ms: number("ms") ?? 0,
    ...optional("queued_ms"),
    ...optional("connect_ms"),
    ...optional("headers_ms"),
    ...optional("status"),
    ...(error !== undefined && { error }),
    ...(attempt["hedge"] === true && { hedge: true as const }),
  };
}

function systemPart(record: JsonObject): ConversationPart[] {
  const text = asString(record["system"]) ?? charsText(record["system_chars"]);
  return text === undefined ? [] : [{ role: "system", kind: "text", text }];
}

function messageParts(message: JsonObject): ConversationPart[] {
  const role = asString(message["role"]) ?? "?";
  return objectsOf(message["content"]).map((part) => partOf(role, part));
}

function partOf(role: string, part: JsonObject): ConversationPart {
  const type = asString(part["type"]) ?? "?";
  switch (type) {
    case "text":
      return { role, kind: "text", text: asString(part["text"]) ?? charsText(part["text_chars"]) ?? "" };
    case "reasoning":
      return { role, kind: "reasoning", text: asString(part["text"]) ?? charsText(part["text_chars"]) ?? "" };
    case "tool_use":
      return { role, kind: "tool", text: `calls ${asString(part["name"]) ?? "?"} ${valueText(part["input"])}` };
    case "tool_result": {
      const result = valueText(part["content"]);
      return { role: "tool", kind: part["is_error"] === true ? "tool" : "other", text: result };
    }
    default:
      return { role, kind: "other", text: `[${describe(type, part)}]` };
  }
}

/** `image image/png, 12000 characters`: what files are, never what is in them. */
function describe(type: string, part: JsonObject): string {
  const about = ["media_type", "format", "url", "file_id"].flatMap((name) => asString(part[name]) ?? []);
  const chars = asNumber(part["base64_chars"]);
  return [type, ...about, ...(chars === undefined ? [] : [`${chars} characters of base64`])].join(" ");
}

function answerParts(record: JsonObject): ConversationPart[] {
  const response = record["response"];
  if (!isObject(response)) return [];
  const role = "assistant";
  const text = asString(response["content"]) || charsText(response["content_chars"]);
  const calls = objectsOf(response["tool_calls"]).map(
    (call): ConversationPart => ({
      role,
      kind: "tool",
      text: `calls ${asString(call["name"]) ?? "?"} ${valueText(call["arguments"])}`,
    }),
  );
  return [...(text ? [{ role, kind: "text" as const, text }] : []), ...calls];
}

function charsText(chars: Json | undefined): string | undefined {
  const count = asNumber(chars);
  return count === undefined ? undefined : `[${count} characters, not recorded]`;
}

function valueText(value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
