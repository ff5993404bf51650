import type { ExchangeRow } from "../../api/exchanges.ts";
import { asObject, asString, type JsonObject, objectsOf } from "../../core/json.ts";
import type { ChatRequest } from "../../core/request.ts";
import { tokenCount } from "../../core/usage.ts";
import { loggedRequest } from "../logged-request.ts";
import type { Missing } from "../missing.ts";
import type { Answer } from "./result.ts";
import { standInTools } from "./stand-in-tools.ts";

/** An exchange as the log has it. */
export interface LoggedExchange {
  /** The line, parsed. */
  readonly record: JsonObject;
  readonly row: ExchangeRow;
}

/** An exchange that can be asked again. */
export interface Askable {
  readonly row: ExchangeRow;
  readonly request: ChatRequest;
  /** What was answered then. */
  readonly logged: Answer;
  /** What the request lacks all the same. */
  readonly missing: readonly Missing[];
}

/** Why one cannot be. */
export type NotAskable =
  | "it failed, or no answer is recorded"
  | "content is not recorded"
  | "images, documents or audio are not recorded"
  | "it has blocks that only one API knows, which are not recorded"
  | "it has no messages";

const NO_CONTENT = "content is not recorded";
const REASONS: ReadonlyMap<string, NotAskable> = new Map([
  ["content", NO_CONTENT],
  ["media", "images, documents or audio are not recorded"],
  ["block", "it has blocks that only one API knows, which are not recorded"],
]);

/** The exchange, ready to be asked again; or the reason why it cannot be. */
export function askable({ record, row }: LoggedExchange): Askable | NotAskable {
  const response = asObject(record["response"]);
  if (row.outcome !== "ok" || !response) return "it failed, or no answer is recorded";
  const { request, missing } = loggedRequest(record);
  const first = missing.find(({ essential }) => essential);
  const reason = REASONS.get(first?.what ?? "");
  if (reason !== undefined) return reason;
  if (response["content_chars"] !== undefined) return NO_CONTENT;
  if (request.messages.length === 0) return "it has no messages";
  const logged = answerOf(row, response);
  return {
    row,
    logged,
    request: { ...alone(request), tools: standInTools(request, logged.tool_calls) },
    missing,
  };
}

/** Of its conversation, whose session and cache belong to others, and for one answer. */
function alone({ identity: _, sampling: { n: __, ...sampling }, ...request }: ChatRequest): ChatRequest {
  return { ...request, sampling, identity: {} };
}

function answerOf(row: ExchangeRow, response: JsonObject): Answer {
  return {
    provider: row.provider ?? "",
    model: row.sent_model ?? row.requested_model,
    text: asString(response["content"]) ?? "",
    tool_calls: objectsOf(response["tool_calls"]).map((call) => ({
      name: asString(call["name"]) ?? "",
      arguments: call["arguments"] ?? null,
    })),
    finish: asString(response["stop_reason"]) ?? null,
    input_tokens: row.usage?.input_tokens ?? tokenCount(asObject(response["usage"])?.["input_tokens"]) ?? 0,
    output_tokens: row.usage?.output_tokens ?? tokenCount(asObject(response["usage"])?.["output_tokens"]) ?? 0,
    cost: row.cost,
    ms: row.duration_ms,
  };
}
