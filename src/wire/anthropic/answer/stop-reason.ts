import type { Finish, FinishReason } from "../../../core/event.ts";
import { asObject, asString, type Json, type JsonObject } from "../../../core/json.ts";

const REASONS: ReadonlyMap<string, FinishReason> = new Map([
  ["end_turn", "stop"],
  ["stop_sequence", "stop_sequence"],
  ["max_tokens", "length"],
  ["model_context_window_exceeded", "context"],
  ["tool_use", "tool_calls"],
  ["refusal", "refusal"],
  ["pause_turn", "pause"],
]);

const NAMES: Readonly<Record<FinishReason, string>> = {
  stop: "end_turn",
  stop_sequence: "stop_sequence",
  length: "max_tokens",
  context: "model_context_window_exceeded",
  tool_calls: "tool_use",
  refusal: "refusal",
  pause: "pause_turn",
  other: "end_turn",
};

export function readStopReason(native: string): FinishReason {
  return REASONS.get(native) ?? "other";
}

export interface Seen {
  toolCall: boolean;
  refusal: boolean;
}

/** Servers that say `stop` after tool calls or a refusal mean those; a limit stays one, since arguments may be truncated. */
function writeStopReason(reason: FinishReason, seen: Seen): string {
  const plain = reason === "stop" || reason === "other";
  if (plain && seen.toolCall) return "tool_use";
  if (plain && seen.refusal) return "refusal";
  return NAMES[reason];
}

/** `stop_details`, which Anthropic has only with a refusal. */
export function readStopDetails(json: Json | undefined): Finish["refusal"] {
  const details = asObject(json);
  const category = asString(details?.["category"]);
  const explanation = asString(details?.["explanation"]);
  if (category === undefined && explanation === undefined) return undefined;
  return { ...(category !== undefined && { category }), ...(explanation !== undefined && { explanation }) };
}

/** What a message says of its end: the fields of a whole one, or of the `delta` of message_delta. */
export function writeStop(finish: Finish | undefined, seen: Seen): JsonObject {
  const { reason = "stop", stopSequence = null, refusal } = finish ?? {};
  const stop: JsonObject = { stop_reason: writeStopReason(reason, seen), stop_sequence: stopSequence };
  if (refusal && stop["stop_reason"] === "refusal") {
    const { category = null, explanation = null } = refusal;
    stop["stop_details"] = { type: "refusal", category, explanation };
  }
  return stop;
}
