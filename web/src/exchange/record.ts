import type { AttemptRecord, LoggedMessage, LoggedResponse, Warning } from "../../../src/record/events.ts";
import { inputsOf } from "./inputs.ts";
import { isObject, number, objects, text, type Value } from "./value.ts";

/** The `complete` event of an exchange as the page shows it. What a record of an older version lacks is empty or null. */
export interface ExchangeRecord {
  system: string | null;
  /** How long it is, where it was not recorded. */
  systemChars: number | null;
  messages: LoggedMessage[];
  response: Pick<LoggedResponse, "content" | "tool_calls"> & {
    /** How long the text is, where it was not recorded. */
    contentChars: number | null;
    stopReason: string | null;
    isTruncated: boolean;
  };
  hasResponse: boolean;
  attempts: AttemptRecord[];
  decision: Verdict[];
  /** What rules went by. */
  inputs: [name: string, words: string][];
  /** Its conversation went on at another target than before. */
  switched: Moved | null;
  losses: { field: string; treatment: string; class: string }[];
  warnings: Warning[];
  /** What the config calls the key it came with. */
  key: string | null;
  traceId: string | null;
  configVersion: number | null;
  prefixHash: string | null;
}

export interface Verdict {
  label: string;
  outcome: string;
  provider: string | null;
  model: string | null;
  reason: string | null;
}

export interface Moved {
  provider: string;
  model: string;
  uncachedTokens: number;
  usd: number | null;
}

/** Reads a record without trusting it. */
export function readRecord(record: Value): ExchangeRecord {
  const response = isObject(record["response"]) ? record["response"] : undefined;
  return {
    system: text(record["system"]),
    systemChars: number(record["system_chars"]),
    messages: objects(record["messages"]).map(messageOf),
    hasResponse: response !== undefined,
    response: {
      content: text(response?.["content"]) ?? "",
      contentChars: number(response?.["content_chars"]),
      tool_calls: objects(response?.["tool_calls"]).map(callOf),
      stopReason: text(response?.["stop_reason"]),
      isTruncated: response?.["truncated"] === true,
    },
    attempts: objects(record["attempts"]).map(attemptOf),
    decision: verdictsOf(record["decision"]),
    inputs: inputsOf(record["routing"]),
    switched: movedIn(record["switched"]),
    losses: objects(record["losses"]).map((loss) => ({
      field: text(loss["field"]) ?? "?",
      treatment: text(loss["treatment"]) ?? "",
      class: text(loss["class"]) ?? "",
    })),
    warnings: objects(record["warnings"]).map(warningOf),
    key: text(record["key"]),
    traceId: text(record["trace_id"]),
    configVersion: number(record["config_version"]),
    prefixHash: text(record["prefix_hash"]),
  };
}

export function verdictsOf(decision: unknown): Verdict[] {
  return objects(decision).map((verdict) => ({
    label: text(verdict["label"]) ?? `rule ${number(verdict["rule"]) ?? "?"}`,
    outcome: text(verdict["outcome"]) ?? "?",
    provider: text(verdict["provider"]),
    model: text(verdict["model"]),
    reason: text(verdict["reason"]),
  }));
}

function movedIn(switched: unknown): Moved | null {
  if (!isObject(switched) || !isObject(switched["from"])) return null;
  const { provider, model } = switched["from"];
  return {
    provider: text(provider) ?? "?",
    model: text(model) ?? "?",
    uncachedTokens: number(switched["uncached_tokens"]) ?? 0,
    usd: number(switched["usd"]),
  };
}

function messageOf(message: Value): LoggedMessage {
  // JSON was parsed, so these are JSON values.
  const content = objects(message["content"]).map((part) => JSON.parse(JSON.stringify(part)));
  return { role: text(message["role"]) ?? "?", content };
}

function callOf(call: Value): LoggedResponse["tool_calls"][number] {
  const given = call["arguments"];
  const chars = number(call["arguments_chars"]);
  return {
    id: text(call["id"]) ?? "",
    name: text(call["name"]) ?? "?",
    arguments: given === undefined ? null : JSON.parse(JSON.stringify(given)),
    ...(chars !== null && { arguments_chars: chars }),
  };
}

function warningOf(warning: Value): Warning {
  const kind = warning["warning"] === "prompt_cache_broken" ? "prompt_cache_broken" : "reasoning_stripped";
  const details = isObject(warning["details"]) ? JSON.parse(JSON.stringify(warning["details"])) : {};
  return { warning: kind, message: text(warning["message"]) ?? "", details };
}

const OPTIONAL = ["queued_ms", "connect_ms", "headers_ms", "status"] as const;

function attemptOf(attempt: Value): AttemptRecord {
  const read: AttemptRecord = {
    provider: text(attempt["provider"]) ?? "?",
    model: text(attempt["model"]) ?? "?",
    outcome: text(attempt["outcome"]) ?? "?",
    at_ms: number(attempt["at_ms"]) ?? 0,
    ms: number(attempt["ms"]) ?? 0,
  };
  for (const name of OPTIONAL) {
    const value = number(attempt[name]);
    if (value !== null) read[name] = value;
  }
  const error = text(attempt["error"]);
  if (error !== null) read.error = error;
  if (attempt["hedge"] === true) read.hedge = true;
  const seam = attempt["continued"];
  if (isObject(seam))
    read.continued = { from: targetOf(seam["from"]), to: targetOf(seam["to"]), offset: number(seam["offset"]) ?? 0 };
  return read;
}

function targetOf(target: unknown): { provider: string; model: string } {
  const { provider, model }: Value = isObject(target) ? target : {};
  return { provider: text(provider) ?? "?", model: text(model) ?? "?" };
}
