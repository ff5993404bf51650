import type { ExchangeRow } from "../../api/exchanges.ts";
import {
  asArray,
  asBoolean,
  asNumber,
  asObject,
  asString,
  type Json,
  type JsonObject,
  objectsOf,
  tryParseJson,
} from "../../core/json.ts";
import { fitToParse, MAX_PARSED_CHARS } from "./long-lines.ts";

/** Longer texts are cut: the row is for lists, the record has it whole. */
const NAME_CHARS = 200;
const ERROR_CHARS = 500;
/** Of tags, plugins. */
const LIST_ITEMS = 32;

/** Parsing so much takes no longer than looking for what need not be parsed. */
const SHORT_BYTES = 8 * 1024;

/** The row of a log line; undefined when the line is no `complete` event. Lines of 0.7.0 lack what was added since. */
export function rowOfBytes(line: Buffer): ExchangeRow | undefined {
  const record = line.length > SHORT_BYTES ? withoutPrompt(line) : undefined;
  return record ? rowOfRecord(record) : rowOfLine(line.toString("utf8"));
}

export function rowOfLine(line: string): ExchangeRow | undefined {
  const text = fitToParse(line);
  const record = text === undefined ? undefined : asObject(tryParseJson(text));
  return record && rowOfRecord(record);
}

const SYSTEM = Buffer.from(',"system":');
const MESSAGES = Buffer.from(',"messages":');
const RESPONSE = Buffer.from(',"response":');
const USER = Buffer.from('{"role":"user"');
const QUOTE = 0x22;

/**
 * What the router writes has its prompt in one place, and that is most of it. So only what stands around it is read, and of its messages
 * those from the last one of the user's on that has text. Undefined: it is not built like that.
 */
function withoutPrompt(line: Buffer): JsonObject | undefined {
  const system = line.indexOf(SYSTEM);
  const response = line.lastIndexOf(RESPONSE);
  if (system === -1 || response < system || system + line.length - response > MAX_PARSED_CHARS) return undefined;
  const value = system + SYSTEM.length;
  const messages = line[value] === QUOTE ? line.indexOf('","', value + 1) + 1 : value + "null".length;
  const list = messages + MESSAGES.length;
  if (!line.subarray(messages, list).equals(MESSAGES)) return undefined;
  // One inside another value is none of the record's own, and what is cut there cannot be parsed.
  const before = asObject(tryParseJson(`${line.toString("utf8", 0, system)}}`));
  const behind = asObject(tryParseJson(`{${line.toString("utf8", response + 1)}`));
  const preview = lastUserText(line.subarray(list, response));
  return before && behind && preview !== undefined ? Object.assign(before, behind, { preview }) : undefined;
}

/** The beginning of the last text of the user's in messages as the log has them; null: there is none. Undefined: they are written otherwise. */
function lastUserText(messages: Buffer): string | null | undefined {
  for (let end = messages.length - 1; end > 0; ) {
    const begin = messages.lastIndexOf(USER, end - 1);
    if (begin === -1 || end - begin > MAX_PARSED_CHARS) return null;
    const latest = tryParseJson(`[${messages.toString("utf8", begin, end)}]`);
    if (latest === undefined) return undefined;
    const text = previewIn(latest);
    if (text !== null) return text;
    end = begin - 1;
  }
  return null;
}

/** Likewise, of what such a line holds. */
export function rowOfRecord(record: JsonObject): ExchangeRow | undefined {
  return record["type"] === "complete" ? rowOf(record) : undefined;
}

function rowOf(record: JsonObject): ExchangeRow | undefined {
  const id = name(record["id"]);
  const ts = asNumber(record["ts_ms"]);
  if (id === undefined || id === "" || ts === undefined || ts < 0 || ts > LAST_MS) return undefined;
  const duration = count(record["duration_ms"]) ?? 0;
  const response = asObject(record["response"]);
  const error = asString(record["error"])?.slice(0, ERROR_CHARS) ?? null;
  return {
    id,
    ts_ms: ts,
    started_ms: ts - duration,
    duration_ms: duration,
    time_to_first_token_ms: count(record["time_to_first_token_ms"]) ?? null,
    client: name(record["client"]) ?? "unknown",
    agent: name(record["agent"]) ?? null,
    key: name(record["key"]) ?? null,
    session: name(record["session"]) ?? null,
    stream: asBoolean(record["stream"]) ?? false,
    passthrough: asBoolean(record["passthrough"]) ?? false,
    requested_model: name(record["requested_model"]) ?? "",
    sent_model: name(record["sent_model"]) ?? null,
    provider: name(record["provider"]) ?? null,
    rule: ruleIn(record["decision"]),
    tags: names(record["tags"]),
    response_tags: names(response?.["tags"]),
    plugins: names(record["plugins"]),
    outcome: name(record["outcome"]) ?? (error === null ? "ok" : "error"),
    status: count(record["status"]) ?? null,
    error,
    usage: usageIn(asObject(record["usage"]) ?? asObject(response?.["usage"])),
    cost: costIn(asObject(record["cost"])),
    attempts: countIn(record["attempts"]),
    losses: countIn(record["losses"]),
    warnings: countIn(record["warnings"]),
    preview: asString(record["preview"])?.slice(0, NAME_CHARS) ?? previewIn(record["messages"]),
  };
}

/** The year 4000: rows are numbered by their time, and what is beyond would not fit. */
const LAST_MS = 64_060_588_800_000;

function name(value: Json | undefined): string | undefined {
  return asString(value)?.slice(0, NAME_CHARS);
}

function names(value: Json | undefined): string[] {
  const list = (asArray(value) ?? []).filter((item) => typeof item === "string").slice(0, LIST_ITEMS);
  return list.map((item) => item.slice(0, NAME_CHARS));
}

/** What is larger no column gives back as a number: one such row, and no list could be read any more. */
function count(value: Json | undefined): number | undefined {
  const number = asNumber(value);
  return number === undefined ? undefined : Math.min(Math.max(0, number), Number.MAX_SAFE_INTEGER);
}

function countIn(value: Json | undefined): number {
  return asArray(value)?.length ?? 0;
}

function ruleIn(decision: Json | undefined): string | null {
  const chosen = objectsOf(decision).find(({ outcome }) => outcome === "chosen");
  return name(chosen?.["label"]) ?? null;
}

/** Of an exchange or an attempt; null: it has none. */
export function usageIn(usage: JsonObject | undefined): ExchangeRow["usage"] {
  if (!usage) return null;
  const tokens = (key: string) => count(usage[key]) ?? 0;
  return {
    input_tokens: tokens("input_tokens"),
    output_tokens: tokens("output_tokens"),
    cached_read_tokens: tokens("cached_read_tokens"),
    cache_write_tokens: tokens("cache_write_tokens"),
    reasoning_tokens: tokens("reasoning_tokens"),
    reported: asBoolean(usage["reported"]) ?? true,
  };
}

/** Sums of it stay numbers. */
const MAX_USD = 1e9;

function costIn(cost: JsonObject | undefined): ExchangeRow["cost"] {
  const usd = asNumber(cost?.["usd"]);
  const source = cost?.["source"];
  return usd !== undefined && usd >= 0 && usd <= MAX_USD && (source === "configured" || source === "catalogue")
    ? { usd, source }
    : { usd: null, source: "unknown" };
}

/** The beginning of the last user message that has text, as `previewOf` takes it from the request. */
function previewIn(messages: Json | undefined): string | null {
  for (const { role, content } of objectsOf(messages).toReversed()) {
    const part =
      role === "user" ? objectsOf(content).find(({ type, text }) => type === "text" && text !== "") : undefined;
    const text = asString(part?.["text"]);
    if (text !== undefined) return text.slice(0, NAME_CHARS);
  }
  return null;
}
