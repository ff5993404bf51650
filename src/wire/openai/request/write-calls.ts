import type { JsonObject } from "../../../core/json.ts";
import type { Part, ToolCallPart } from "../../../core/part.ts";
import { wrappedInput } from "../../tools/custom-input.ts";
import { legalToolId } from "../../tools/ids.ts";
import { extraContent } from "../thought-signature.ts";
import { takesCustomTools } from "./new-fields.ts";
import type { ContentContext } from "./write-content.ts";

/** Ids may hold any character: some models make sense of their own (`functions.f:0`). */
const ID = { pattern: /^.+$/s, max: 64 };

export function callId(id: string): string {
  return legalToolId(id, ID);
}

/** Gemini 3 refuses a turn whose first call lost its signature; this one it takes for calls of other models. */
const NO_SIGNATURE = { dialect: "gemini", kind: "signature", value: "skip_thought_signature_validator" } as const;

/** `tool_calls` of an earlier turn. */
export function writeCalls(parts: readonly Part[], path: string, context: ContentContext): JsonObject[] {
  const calls = parts.filter((part) => part.type === "tool-call");
  return calls.map((part, place) => writeCall(part, place === 0, path, context));
}

function writeCall(part: ToolCallPart, first: boolean, path: string, context: ContentContext): JsonObject {
  const { request, target, losses } = context;
  if (part.cache) losses.drop("cache_marks", `${path}.cache_control`);
  const { name } = part;
  const id = callId(part.id);
  const extra = writeState(part, first, path, context);
  if (part.kind === "function") {
    return { id, type: "function", function: { name, arguments: part.arguments || "{}" }, ...extra };
  }
  if (takesCustomTools(request, target))
    return { id, type: "custom", custom: { name, input: part.arguments }, ...extra };
  return { id, type: "function", function: { name, arguments: wrappedInput(part.arguments) }, ...extra };
}

/** Only Gemini models can read their signatures; a Chat client has its own from the server it talks to. */
function writeState(part: ToolCallPart, first: boolean, path: string, context: ContentContext): JsonObject {
  const { request, target, losses } = context;
  const { state } = part;
  const gemini = /(?:^|\/)gemini-/.test(target.model);
  if (state?.dialect === "gemini" && (gemini || request.dialect === "openai")) return extraContent(state);
  if (state) losses.drop("reasoning_state", `${path}.tool_calls (thought signature)`);
  return gemini && first && request.dialect !== "openai" ? extraContent(NO_SIGNATURE) : {};
}
