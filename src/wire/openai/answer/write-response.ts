import type { JsonObject } from "../../../core/json.ts";
import type { Part, ReasoningPart, ToolCallPart } from "../../../core/part.ts";
import type { ChatResponse } from "../../../core/response.ts";
import type { AnswerContext } from "../../format.ts";
import { writeDetail } from "../reasoning-details.ts";
import { writeAnnotation } from "./annotations.ts";
import { writeFinish } from "./finish.ts";
import { writeUsage } from "./usage.ts";

export function writeResponse(response: ChatResponse, context: AnswerContext): JsonObject {
  const called = response.parts.some((part) => part.type === "tool-call");
  return {
    id: response.id || `chatcmpl-${context.id}`,
    object: "chat.completion",
    created: Math.floor(context.createdMs / 1000),
    model: response.model || context.request.model,
    choices: [
      {
        index: 0,
        message: writeMessage(response.parts),
        logprobs: null,
        finish_reason: writeFinish(response.finish.reason, called),
      },
    ],
    ...(response.usage && { usage: writeUsage(response.usage) }),
  };
}

function writeMessage(parts: Part[]): JsonObject {
  const calls = parts.filter((part) => part.type === "tool-call").map(writeCall);
  const refusal = parts.map((part) => (part.type === "refusal" ? part.text : "")).join("");
  const { text, annotations } = joinTexts(parts);
  const silent = text === "" && (calls.length > 0 || refusal !== "");
  return {
    role: "assistant",
    content: silent ? null : text,
    refusal: refusal === "" ? null : refusal,
    ...writeReasoning(parts),
    ...(annotations.length > 0 && { annotations }),
    ...(calls.length > 0 && { tool_calls: calls }),
  };
}

/** One content for all text blocks; annotations count from its start. */
function joinTexts(parts: Part[]): { text: string; annotations: JsonObject[] } {
  let text = "";
  const annotations: JsonObject[] = [];
  for (const part of parts) {
    if (part.type !== "text") continue;
    for (const citation of part.citations ?? []) {
      const annotation = writeAnnotation(citation, text.length, part.text.length);
      if (annotation) annotations.push(annotation);
    }
    text += part.text;
  }
  return { text, annotations };
}

/** With a state on any block every block is told in the details, so that they hold the whole reasoning in order. */
function writeReasoning(parts: Part[]): JsonObject {
  const reasoning = parts.filter((part): part is ReasoningPart => part.type === "reasoning");
  const text = reasoning.map((part) => part.text).join("");
  const details = reasoning.some((part) => part.state) ? reasoning.map(writeDetail) : [];
  return {
    ...(text !== "" && { reasoning_content: text }),
    ...(details.length > 0 && { reasoning_details: details }),
  };
}

function writeCall(part: ToolCallPart): JsonObject {
  if (part.kind === "custom")
    return { id: part.id, type: "custom", custom: { name: part.name, input: part.arguments } };
  return { id: part.id, type: "function", function: { name: part.name, arguments: part.arguments || "{}" } };
}
