import type { JsonObject } from "../../../core/json.ts";
import type { Part, ReasoningPart } from "../../../core/part.ts";
import type { ChatResponse } from "../../../core/response.ts";
import { argumentsObject } from "../../arguments.ts";
import type { AnswerContext } from "../../format.ts";
import { writeCitation } from "../citations.ts";
import { type Seen, writeStopReason } from "./stop-reason.ts";
import { guessedUsage, writeUsage } from "./usage.ts";

export function writeResponse(response: ChatResponse, context: AnswerContext): JsonObject {
  const content: JsonObject[] = [];
  const seen: Seen = { toolCall: false, refusal: false };
  for (const part of response.parts) {
    if (part.type === "tool-call") seen.toolCall = true;
    if (part.type === "refusal") seen.refusal = true;
    const block = writeBlock(part);
    if (block) content.push(block);
  }
  return {
    id: response.id || context.id,
    type: "message",
    role: "assistant",
    model: response.model || context.request.model,
    content,
    stop_reason: writeStopReason(response.finish.reason, seen),
    stop_sequence: response.finish.stopSequence ?? null,
    usage: response.usage ? writeUsage(response.usage) : guessedUsage(context.estimatedInput),
  };
}

function writeBlock(part: Part): JsonObject | undefined {
  switch (part.type) {
    case "text": {
      if (part.text === "") return undefined;
      const citations = (part.citations ?? []).map(writeCitation).filter((citation) => citation !== undefined);
      return { type: "text", text: part.text, ...(citations.length > 0 && { citations }) };
    }
    case "refusal":
      return part.text === "" ? undefined : { type: "text", text: part.text };
    case "reasoning":
      return writeThinking(part);
    case "tool-call": {
      const input = part.kind === "custom" ? { input: part.arguments } : argumentsObject(part.arguments);
      return { type: "tool_use", id: part.id, name: part.name, input };
    }
    case "opaque":
      return part.dialect === "anthropic" && typeof part.value === "object" && !Array.isArray(part.value)
        ? (part.value ?? undefined)
        : undefined;
    default:
      return undefined;
  }
}

function writeThinking({ text, state }: ReasoningPart): JsonObject | undefined {
  const own = state?.dialect === "anthropic" ? state : undefined;
  if (own?.kind === "redacted" && text === "") return { type: "redacted_thinking", data: own.value };
  if (!own && text === "") return undefined;
  return { type: "thinking", thinking: text, signature: own?.kind === "signature" ? own.value : "" };
}
