import { isObject, type JsonObject } from "../../../core/json.ts";
import type { OpaquePart, OpaqueState, ReasoningPart, ToolCallPart } from "../../../core/part.ts";
import { argumentsObject } from "../../tools/arguments.ts";

/** Only what Gemini signed itself comes back to it. */
function signed(state: OpaqueState | undefined): JsonObject {
  return state?.dialect === "gemini" ? { thoughtSignature: state.value } : {};
}

export function writeText(text: string): JsonObject {
  return { text };
}

/** Undefined for reasoning of which nothing can be shown. A signature alone is a part with empty text, as Gemini itself sends it. */
export function writeReasoning({ text, state }: Pick<ReasoningPart, "text" | "state">): JsonObject | undefined {
  const signature = signed(state);
  if (text !== "") return { text, thought: true, ...signature };
  return Object.keys(signature).length > 0 ? { text: "", ...signature } : undefined;
}

export function writeCall(call: Omit<ToolCallPart, "type">): JsonObject {
  const args = call.kind === "custom" ? { input: call.arguments } : argumentsObject(call.arguments);
  return { functionCall: { id: call.id, name: call.name, args }, ...signed(call.state) };
}

/** Keys of a candidate that stand beside its content. */
const BESIDE = new Set(["groundingMetadata", "citationMetadata", "urlContextMetadata"]);

/** A block only Gemini knows: a part of the content, or something beside it. */
export function writeOpaque({ what, value }: OpaquePart): { part?: JsonObject; beside?: JsonObject } {
  if (!isObject(value)) return {};
  return BESIDE.has(what) ? { beside: { [what]: value } } : { part: value };
}
