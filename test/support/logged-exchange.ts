import { isObject, type JsonObject, tryParseJson } from "../../src/core/json.ts";
import type { LoggedExchange } from "../../src/replay/arms/askable.ts";
import { rowOfLine } from "../../src/store/index/record-row.ts";

let serial = 0;

/** A record of the log, as it is read from a line: of a question that was answered, unless told otherwise. */
export function loggedExchange(more: JsonObject = {}): LoggedExchange {
  const line = JSON.stringify({
    type: "complete",
    id: `exchange-${++serial}`,
    ts_ms: 1_795_000_000_000 + serial,
    provider: "main",
    requested_model: "m",
    sent_model: "m",
    duration_ms: 100,
    tags: [],
    client: "openai",
    stream: false,
    system: "Be brief.",
    messages: [{ role: "user", content: [{ type: "text", text: "What time is it?" }] }],
    response: { content: "It is noon.", stop_reason: "end_turn", tool_calls: [], tags: [] },
    outcome: "ok",
    usage: { input_tokens: 20, output_tokens: 5 },
    cost: { usd: 0.001, source: "configured" },
    ...more,
  });
  const record = tryParseJson(line);
  const row = rowOfLine(line);
  if (!isObject(record) || !row) throw new Error(`no record: ${line}`);
  return { record, row };
}
