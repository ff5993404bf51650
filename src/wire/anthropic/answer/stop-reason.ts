import type { FinishReason } from "../../../core/event.ts";

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
export function writeStopReason(reason: FinishReason, seen: Seen): string {
  const plain = reason === "stop" || reason === "other";
  if (plain && seen.toolCall) return "tool_use";
  if (plain && seen.refusal) return "refusal";
  return NAMES[reason];
}
