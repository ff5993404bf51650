import type { JsonObject } from "../../../core/json.ts";
import type { ChatResponse } from "../../../core/response.ts";
import type { AnswerContext } from "../../format.ts";
import { logprobsIn } from "../../logprobs.ts";
import { writeLogprobs } from "./logprobs.ts";
import { writeFinish, writeUsage } from "./write-finish.ts";
import { Grounding } from "./write-grounding.ts";
import { writeCall, writeReasoning, writeText } from "./write-parts.ts";

/** A whole GenerateContentResponse. */
export function writeResponse(response: ChatResponse, context: AnswerContext): JsonObject {
  const parts: JsonObject[] = [];
  const grounding = new Grounding(context);
  let refused = false;
  for (const part of response.parts) {
    const written = part.type === "opaque" ? grounding.opaque(part) : undefined;
    if (written) parts.push(written);
    if (part.type === "tool-call") parts.push(writeCall(part));
    if (part.type === "refusal") refused = true;
    if (part.type === "reasoning") {
      const thought = writeReasoning(part);
      if (thought) parts.push(thought);
    }
    if (part.type !== "text" && part.type !== "refusal") continue;
    grounding.block();
    grounding.text(part.text);
    if (part.type === "text") for (const citation of part.citations ?? []) grounding.cite(citation);
    if (part.text !== "") parts.push(writeText(part.text));
  }
  return {
    candidates: [
      {
        content: { role: "model", parts: parts.length > 0 ? parts : [writeText("")] },
        finishReason: writeFinish(response.finish, refused, context),
        index: 0,
        ...writeLogprobs(logprobsIn(response.parts.filter((part) => part.type === "text"))),
        ...grounding.write(),
      },
    ],
    ...(response.usage && { usageMetadata: writeUsage(response.usage) }),
    ...writeHead(response.id, response.model, context),
  };
}

export function writeHead(id: string, model: string, context: AnswerContext): JsonObject {
  return { modelVersion: model || context.request.model, responseId: id || context.id };
}
