import { createHash } from "node:crypto";
import type { SQLInputValue, SQLOutputValue } from "node:sqlite";
import type { ExchangeRow } from "../../api/exchanges.ts";
import { tryParseJson } from "../../core/json.ts";
import { COLUMNS } from "./schema.ts";

/** Where a record is in the log. In memory there is no file: its number is 0. */
export interface Place {
  file: number;
  offset: number;
  /** Bytes, without the line end. */
  length: number;
}

export type Columns = Record<string, SQLOutputValue>;

export const INSERT = `INSERT INTO exchange (seq, ${Object.keys(COLUMNS).join(", ")})
  VALUES (?, ${Object.keys(COLUMNS).fill("?").join(", ")})`;

/** The values of `INSERT`, in its order. */
export function valuesOf(seq: number, row: ExchangeRow, place: Place): SQLInputValue[] {
  const { usage, cost } = row;
  return [
    seq,
    idKey(row.id),
    row.id,
    row.ts_ms,
    row.started_ms,
    row.duration_ms,
    row.time_to_first_token_ms,
    row.client,
    row.agent,
    row.key,
    row.session,
    row.stream ? 1 : 0,
    row.passthrough ? 1 : 0,
    row.requested_model,
    row.sent_model,
    row.provider,
    row.rule,
    listText(row.tags),
    listText(row.response_tags),
    listText(row.plugins),
    row.outcome,
    row.status,
    row.error,
    usage?.input_tokens ?? null,
    usage?.output_tokens ?? null,
    usage?.cached_read_tokens ?? null,
    usage?.cache_write_tokens ?? null,
    usage?.reasoning_tokens ?? null,
    usage ? Number(usage.reported) : null,
    cost.usd,
    cost.source,
    row.attempts,
    row.losses,
    row.warnings,
    row.preview,
    place.file,
    place.offset,
    place.length,
  ];
}

export function rowOfColumns(columns: Columns): ExchangeRow {
  const text = (name: string) => {
    const value = columns[name];
    return typeof value === "string" ? value : null;
  };
  const number = (name: string) => {
    const value = columns[name];
    return typeof value === "number" ? value : null;
  };
  return {
    id: text("id") ?? "",
    ts_ms: number("ts_ms") ?? 0,
    started_ms: number("started_ms") ?? 0,
    duration_ms: number("duration_ms") ?? 0,
    time_to_first_token_ms: number("time_to_first_token_ms"),
    client: text("client") ?? "",
    agent: text("agent"),
    key: text("key"),
    session: text("session"),
    stream: number("stream") === 1,
    passthrough: number("passthrough") === 1,
    requested_model: text("requested_model") ?? "",
    sent_model: text("sent_model"),
    provider: text("provider"),
    rule: text("rule"),
    tags: listOf(columns["tags"]),
    response_tags: listOf(columns["response_tags"]),
    plugins: listOf(columns["plugins"]),
    outcome: text("outcome") ?? "",
    status: number("status"),
    error: text("error"),
    usage: usageOf(number),
    cost: costOf(number("cost_usd"), text("cost_source")),
    attempts: number("attempts") ?? 0,
    losses: number("losses") ?? 0,
    warnings: number("warnings") ?? 0,
    preview: text("preview"),
  };
}

export function placeOf(columns: Columns): Place {
  return { file: Number(columns["file"]), offset: Number(columns["offset"]), length: Number(columns["length"]) };
}

function usageOf(number: (name: string) => number | null): ExchangeRow["usage"] {
  const input = number("input_tokens");
  if (input === null) return null;
  return {
    input_tokens: input,
    output_tokens: number("output_tokens") ?? 0,
    cached_read_tokens: number("cached_read_tokens") ?? 0,
    cache_write_tokens: number("cache_write_tokens") ?? 0,
    reasoning_tokens: number("reasoning_tokens") ?? 0,
    reported: number("usage_reported") === 1,
  };
}

function costOf(usd: number | null, source: string | null): ExchangeRow["cost"] {
  return source === "configured" || source === "catalogue" ? { usd, source } : { usd: null, source: "unknown" };
}

/** Null: an empty list, as most are. */
function listText(list: readonly string[]): string | null {
  return list.length === 0 ? null : JSON.stringify(list);
}

function listOf(value: SQLOutputValue | undefined): string[] {
  const list = typeof value === "string" ? tryParseJson(value) : undefined;
  return Array.isArray(list) ? list.filter((item) => typeof item === "string") : [];
}

const UUID = /^([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f])/;

/** The beginning of an id as a number: an index of these is a third of one of texts. Others than the router's are hashed. */
export function idKey(id: string): number {
  const uuid = UUID.exec(id);
  const hex = uuid ? `${uuid[1]}${uuid[2]}${uuid[3]}` : createHash("sha1").update(id).digest("hex").slice(0, 13);
  return Number.parseInt(hex, 16);
}
