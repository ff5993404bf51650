import type { FinishReason } from "../../core/event.ts";
import type { JsonObject } from "../../core/json.ts";
import { textOf } from "../../core/part.ts";
import type { ChatResponse } from "../../core/response.ts";
import type { AnswerContext } from "../format.ts";
import { writeUsage } from "../openai/answer/usage.ts";

export function writeResponse(response: ChatResponse, context: AnswerContext): JsonObject {
  const choice = { text: textOf(response.parts), index: 0, logprobs: null };
  return {
    ...completionHead(response.id, response.model, context),
    choices: [{ ...choice, finish_reason: completionFinish(response.finish.reason) }],
    ...(response.usage && { usage: writeUsage(response.usage) }),
  };
}

/** What the object and every chunk of a stream begin with. */
export function completionHead(id: string, model: string, context: AnswerContext): JsonObject {
  return {
    id: id || `cmpl-${context.id}`,
    object: "text_completion",
    created: Math.floor(context.createdMs / 1000),
    model: model || context.request.model,
  };
}

/** This endpoint knows three reasons. */
export function completionFinish(reason: FinishReason): string {
  if (reason === "length" || reason === "context") return "length";
  return reason === "refusal" ? "content_filter" : "stop";
}
