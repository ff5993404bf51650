import type { JsonObject } from "../../../core/json.ts";
import type { Part, ToolCallPart } from "../../../core/part.ts";
import type { ChatResponse } from "../../../core/response.ts";
import type { AnswerContext } from "../../format.ts";
import { logprobsIn, writeLogprobs } from "../../logprobs.ts";
import { tellOnce } from "../../loss/lost.ts";
import { head, tail, writeCall } from "./write-answer.ts";

/** A whole `/api/chat` answer. */
export function writeResponse(response: ChatResponse, context: AnswerContext): JsonObject {
  const { text, thinking, calls } = gather(response.parts, context);
  return {
    ...head(response.model || context.request.model, context),
    message: {
      role: "assistant",
      content: text,
      ...(thinking !== "" && { thinking }),
      ...(calls.length > 0 && { tool_calls: calls.map(writeCall) }),
    },
    ...topLogprobs(response.parts),
    ...tail(response.finish.reason, response.usage, 0, context),
  };
}

/** Beside the message, or what was generated. */
export function topLogprobs(parts: readonly Part[]): JsonObject {
  const tokens = logprobsIn(parts.filter((part) => part.type === "text"));
  return tokens ? { logprobs: writeLogprobs(tokens) } : {};
}

/** The parts by kind; citations and opaque blocks have no place in an Ollama answer. */
export function gather(
  parts: readonly Part[],
  context: AnswerContext,
): { text: string; thinking: string; calls: ToolCallPart[] } {
  const lost = tellOnce(context);
  let text = "";
  let thinking = "";
  const calls: ToolCallPart[] = [];
  for (const part of parts) {
    if (part.type === "text" || part.type === "refusal") text += part.text;
    else if (part.type === "reasoning") thinking += part.text;
    else if (part.type === "tool-call") calls.push(part);
    else if (part.type === "opaque") lost(part.what);
    if (part.type === "text" && part.citations?.length) lost("citations");
  }
  return { text, thinking, calls };
}
