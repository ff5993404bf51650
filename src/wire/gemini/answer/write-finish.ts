import type { FinishReason } from "../../../core/event.ts";
import type { JsonObject } from "../../../core/json.ts";
import type { ChatResponse } from "../../../core/response.ts";
import type { Usage } from "../../../core/usage.ts";
import type { AnswerContext } from "../../format.ts";

/** Gemini says `STOP` after calls too. */
const NAMES: Readonly<Record<FinishReason, string>> = {
  stop: "STOP",
  stop_sequence: "STOP",
  length: "MAX_TOKENS",
  context: "MAX_TOKENS",
  tool_calls: "STOP",
  refusal: "SAFETY",
  pause: "OTHER",
  other: "STOP",
};

/** Reasons of Gemini's own that the vocabulary has one word for. */
const OWN = /^(?:RECITATION|LANGUAGE|OTHER|BLOCKLIST|PROHIBITED_CONTENT|SPII|IMAGE_[A-Z_]+|NO_IMAGE)$/;

export function writeFinish(finish: ChatResponse["finish"], refused: boolean, context: AnswerContext): string {
  const { reason, native } = finish;
  if (reason === "pause") context.lost("stop_reason", "pause_turn->OTHER");
  if ((reason === "refusal" || reason === "other") && native !== undefined && OWN.test(native)) return native;
  if (refused && (reason === "stop" || reason === "other")) return "SAFETY";
  return NAMES[reason];
}

/** The prompt counts its cached tokens, the candidates do not count the thoughts. */
export function writeUsage(usage: Usage): JsonObject {
  return {
    promptTokenCount: usage.input,
    ...(usage.cachedRead > 0 && { cachedContentTokenCount: usage.cachedRead }),
    candidatesTokenCount: usage.output - usage.reasoning,
    ...(usage.reasoning > 0 && { thoughtsTokenCount: usage.reasoning }),
    totalTokenCount: usage.input + usage.output,
  };
}
