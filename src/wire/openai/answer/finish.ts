import type { FinishReason } from "../../../core/event.ts";

const READ: ReadonlyMap<string, FinishReason> = new Map<string, FinishReason>([
  ["stop", "stop"],
  ["length", "length"],
  ["tool_calls", "tool_calls"],
  ["function_call", "tool_calls"],
  ["content_filter", "refusal"],
  // Not OpenAI's words, but seen from servers of its dialect: Mistral, GLM, TGI, proxies over Anthropic.
  ["model_length", "context"],
  ["max_tokens", "length"],
  ["sensitive", "refusal"],
  ["eos", "stop"],
  ["eos_token", "stop"],
  ["end_turn", "stop"],
  ["stop_sequence", "stop_sequence"],
]);

const WRITE: Readonly<Record<FinishReason, string>> = {
  stop: "stop",
  stop_sequence: "stop",
  length: "length",
  context: "length",
  tool_calls: "tool_calls",
  refusal: "content_filter",
  pause: "stop",
  other: "stop",
};

export function readFinish(native: string): FinishReason {
  return READ.get(native) ?? "other";
}

/**
 * `called`: the answer has calls. Without one there is nothing to wait for, and clients would ask again for ever; with one it is
 * waited for, unless the answer was cut.
 */
export function writeFinish(reason: FinishReason, called: boolean): string {
  const word = WRITE[reason];
  if (word !== "stop" && word !== "tool_calls") return word;
  return called ? "tool_calls" : "stop";
}
