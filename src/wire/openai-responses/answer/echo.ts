import { type Json, type JsonObject, setOwn } from "../../../core/json.ts";
import type { AnswerContext } from "../../format.ts";

/** Fields of a response that repeat the request, with what the API answers when the request left them out. */
const ECHOED: readonly (readonly [field: string, fallback: Json])[] = [
  ["background", false],
  ["instructions", null],
  ["max_output_tokens", null],
  ["max_tool_calls", null],
  ["metadata", {}],
  ["parallel_tool_calls", true],
  ["previous_response_id", null],
  ["prompt_cache_key", null],
  ["reasoning", { effort: null, summary: null }],
  ["safety_identifier", null],
  ["service_tier", "default"],
  // The router keeps it, as long as its memory lasts (docs/conversations.md).
  ["store", true],
  ["temperature", 1],
  ["text", { format: { type: "text" } }],
  ["tool_choice", "auto"],
  ["tools", []],
  ["top_logprobs", 0],
  ["top_p", 1],
  ["truncation", "disabled"],
  ["user", null],
];

/** What tells one state of the answer from another. */
export interface ResponseState {
  id: string;
  model: string;
  status: "in_progress" | "completed" | "incomplete" | "failed";
  output: JsonObject[];
  usage: JsonObject | null;
  error?: JsonObject;
  incompleteReason?: string;
}

/** A whole response object. Clients check for the repeated fields, so all of them are there, always. */
export function responseObject(context: AnswerContext, state: ResponseState): JsonObject {
  const { status } = state;
  const completedMs = context.createdMs + context.elapsedMs();
  const response: JsonObject = {
    id: state.id,
    object: "response",
    created_at: Math.floor(context.createdMs / 1000),
    completed_at: status === "completed" ? Math.floor(completedMs / 1000) : null,
    status,
    error: state.error ?? null,
    incomplete_details: state.incompleteReason === undefined ? null : { reason: state.incompleteReason },
    model: state.model,
    output: state.output,
    usage: state.usage,
  };
  for (const [field, fallback] of ECHOED) setOwn(response, field, context.body[field] ?? fallback);
  return response;
}
