import type { Finish } from "../../../core/event.ts";
import type { JsonObject } from "../../../core/json.ts";
import type { Part, ReasoningPart, TokenLogprob } from "../../../core/part.ts";
import type { ChatResponse } from "../../../core/response.ts";
import type { AnswerContext } from "../../format.ts";
import { logprobsIn, writeLogprobs } from "../../logprobs.ts";
import { writeDetail } from "../reasoning-details.ts";
import { writeAnnotation } from "./annotations.ts";
import { writeUsage } from "./usage.ts";
import { CallWriter } from "./write-calls.ts";

export function writeResponse(response: ChatResponse, context: AnswerContext): JsonObject {
  const calls = new CallWriter(context);
  return {
    id: response.id || `chatcmpl-${context.id}`,
    object: "chat.completion",
    created: Math.floor(context.createdMs / 1000),
    model: response.model || context.request.model,
    choices: [
      {
        index: 0,
        message: writeMessage(response, context, calls),
        logprobs: choiceLogprobs(logprobsIn(response.parts.filter((part) => part.type === "text"))),
        finish_reason: calls.finish(response.finish.reason),
      },
    ],
    ...(response.usage && { usage: writeUsage(response.usage) }),
  };
}

/** As they stand beside a message or a delta. */
export function choiceLogprobs(tokens: TokenLogprob[] | undefined): JsonObject | null {
  return tokens ? { content: writeLogprobs(tokens), refusal: null } : null;
}

function writeMessage({ parts, finish }: ChatResponse, context: AnswerContext, writer: CallWriter): JsonObject {
  const calls = writer.whole(parts.filter((part) => part.type === "tool-call"));
  const refusal = parts.map((part) => (part.type === "refusal" ? part.text : "")).join("") || refusalOf(finish);
  const { text, annotations } = joinTexts(parts, context);
  const silent = text === "" && (Object.keys(calls).length > 0 || refusal !== "");
  for (const part of parts) if (part.type === "opaque") context.lost(part.what, "dropped");
  return {
    role: "assistant",
    content: silent ? null : text,
    refusal: refusal === "" ? null : refusal,
    ...writeReasoning(parts),
    ...(annotations.length > 0 && { annotations }),
    ...calls,
  };
}

/** Why an answer was refused, where no block of it says so. */
export function refusalOf(finish: Finish): string {
  return (finish.reason === "refusal" ? finish.refusal?.explanation : undefined) ?? "";
}

/** One content for all text blocks; annotations count from its start. */
function joinTexts(parts: Part[], context: AnswerContext): { text: string; annotations: JsonObject[] } {
  let text = "";
  const annotations: JsonObject[] = [];
  for (const part of parts) {
    if (part.type !== "text") continue;
    for (const citation of part.citations ?? []) {
      const annotation = writeAnnotation(citation, text.length, part.text.length);
      if (annotation) annotations.push(annotation);
      else context.lost("citations", "dropped");
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
