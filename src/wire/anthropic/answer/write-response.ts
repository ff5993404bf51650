import type { JsonObject } from "../../../core/json.ts";
import type { Part, ReasoningPart, TextPart } from "../../../core/part.ts";
import type { ChatResponse } from "../../../core/response.ts";
import type { AnswerContext } from "../../format.ts";
import { type Lost, tellOnce } from "../../loss/lost.ts";
import { argumentsObject } from "../../tools/arguments.ts";
import { writeCitation } from "../citations.ts";
import { answerBlocks } from "./opaque.ts";
import { type Seen, writeStop } from "./stop-reason.ts";
import { guessedUsage, writeUsage } from "./usage.ts";

export function writeResponse(response: ChatResponse, context: AnswerContext): JsonObject {
  const content: JsonObject[] = [];
  const seen: Seen = { toolCall: false, refusal: false };
  const lost = tellOnce(context);
  for (const part of response.parts) {
    if (part.type === "tool-call") seen.toolCall = true;
    if (part.type === "refusal") seen.refusal = true;
    content.push(...writeBlocks(part, lost));
  }
  return {
    id: response.id || context.id,
    type: "message",
    role: "assistant",
    model: response.model || context.request.model,
    content,
    ...writeStop(response.finish, seen),
    usage: response.usage ? writeUsage(response.usage) : guessedUsage(context.estimatedInput),
  };
}

function writeBlocks(part: Part, lost: Lost): JsonObject[] {
  switch (part.type) {
    case "text":
      return part.text === "" ? [] : [{ type: "text", text: part.text, ...writeCitations(part, lost) }];
    case "refusal":
      return part.text === "" ? [] : [{ type: "text", text: part.text }];
    case "reasoning":
      return writeThinking(part);
    case "tool-call": {
      const input = part.kind === "custom" ? { input: part.arguments } : argumentsObject(part.arguments);
      return [{ type: "tool_use", id: part.id, name: part.name, input }];
    }
    case "opaque":
      return answerBlocks(part, lost);
    default:
      return [];
  }
}

function writeCitations({ citations = [] }: TextPart, lost: Lost): JsonObject {
  const written = citations.map((citation) => writeCitation(citation, lost)).filter((value) => value !== undefined);
  return written.length > 0 ? { citations: written } : {};
}

function writeThinking({ text, state }: ReasoningPart): JsonObject[] {
  const own = state?.dialect === "anthropic" ? state : undefined;
  if (own?.kind === "redacted" && text === "") return [{ type: "redacted_thinking", data: own.value }];
  if (!own && text === "") return [];
  return [{ type: "thinking", thinking: text, signature: own?.kind === "signature" ? own.value : "" }];
}
