import type { FinishReason } from "../../../core/event.ts";
import type { Failure } from "../../../core/failure.ts";

const REASONS: ReadonlyMap<string, FinishReason> = new Map([
  ["STOP", "stop"],
  ["MAX_TOKENS", "length"],
  ["SAFETY", "refusal"],
  ["RECITATION", "refusal"],
  ["BLOCKLIST", "refusal"],
  ["PROHIBITED_CONTENT", "refusal"],
  ["SPII", "refusal"],
  ["MODEL_ARMOR", "refusal"],
  ["IMAGE_SAFETY", "refusal"],
  ["IMAGE_PROHIBITED_CONTENT", "refusal"],
  ["IMAGE_RECITATION", "refusal"],
]);

/** The model wrote something the API could not take for an answer: there is none. */
const BROKEN: ReadonlySet<string> = new Set([
  "MALFORMED_FUNCTION_CALL",
  "MALFORMED_RESPONSE",
  "UNEXPECTED_TOOL_CALL",
  "TOO_MANY_TOOL_CALLS",
  "MISSING_THOUGHT_SIGNATURE",
]);

export function readFinish(native: string): FinishReason {
  return REASONS.get(native) ?? "other";
}

/** The failure a finish reason stands for, if it does. */
export function failureOfFinish(native: string, message: string | undefined): Failure | undefined {
  if (!BROKEN.has(native)) return undefined;
  const said = message === undefined ? native : `${native}: ${message}`;
  return { kind: "target", message: `the provider broke off its answer: ${said}`, code: native };
}
