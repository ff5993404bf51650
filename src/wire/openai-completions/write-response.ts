import type { FinishReason } from "../../core/event.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Part } from "../../core/part.ts";
import type { ChatResponse } from "../../core/response.ts";
import type { AnswerContext } from "../format.ts";
import { type Lost, tellOnce } from "../loss/lost.ts";
import { writeUsage } from "../openai/answer/usage.ts";

export function writeResponse(response: ChatResponse, context: AnswerContext): JsonObject {
  const choice = { text: textIn(response.parts, tellOnce(context)), index: 0, logprobs: null };
  return {
    ...completionHead(response.id, response.model, context),
    choices: [{ ...choice, finish_reason: completionFinish(response.finish.reason) }],
    ...(response.usage && { usage: writeUsage(response.usage) }),
  };
}

/** An answer here is text; what else the provider said has no place. */
function textIn(parts: readonly Part[], lost: Lost): string {
  let text = "";
  for (const part of parts) {
    if (part.type === "text" || part.type === "refusal") text += part.text;
    else if (part.type === "tool-call") lost(`tool_calls(${part.name})`);
    else if (part.type === "opaque") lost(part.what);
    else if (part.type === "reasoning" && part.text !== "") lost("reasoning");
    if (part.type === "text" && part.citations?.length) lost("citations");
    if (part.type === "text" && part.logprobs) lost("logprobs");
  }
  return text;
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
