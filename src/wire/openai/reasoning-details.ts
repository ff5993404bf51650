import { asString, isObject, type JsonObject, objectsOf, tryParseJson } from "../../core/json.ts";
import { DIALECTS, type OpaqueState, type ReasoningPart } from "../../core/part.ts";

/**
 * `reasoning_details` is OpenRouter's list of reasoning blocks with their signatures; Chat itself has no field for them. We
 * write it for state of any dialect, with the dialect as `format`, so that a thinking signature survives a Chat client.
 * An entry in a format that is not ours is state of the Chat provider that sent it, and goes back to it as it came.
 */
export function readDetail(detail: JsonObject): ReasoningPart | undefined {
  const text = detailText(detail);
  const state = stateOf(detail);
  if (text === "" && !state) return undefined;
  const id = asString(detail["id"]);
  return {
    type: "reasoning",
    text,
    ...(state && { state }),
    ...(typeof detail["summary"] === "string" && { summary: true }),
    ...(id !== undefined && { id }),
  };
}

export function detailText(detail: JsonObject): string {
  return asString(detail["text"]) ?? asString(detail["summary"]) ?? "";
}

function stateOf(detail: JsonObject): OpaqueState | undefined {
  const signature = asString(detail["signature"]);
  const value = signature || asString(detail["data"]);
  if (!value) return undefined;
  const dialect = DIALECTS.find((name) => name === detail["format"]);
  if (dialect === undefined || dialect === "openai") {
    return { dialect: "openai", kind: "encrypted", value: JSON.stringify(detail) };
  }
  if (signature) return { dialect, kind: "signature", value };
  return { dialect, kind: dialect === "anthropic" ? "redacted" : "encrypted", value };
}

/** The entry for one block of reasoning; `index` is its place in the list. */
export function writeDetail(part: ReasoningPart, index: number): JsonObject {
  const { state } = part;
  if (state?.dialect === "openai") {
    const original = tryParseJson(state.value);
    if (isObject(original)) return original;
  }
  const sealed = state !== undefined && state.kind !== "signature";
  const textKey = part.summary ? "summary" : "text";
  return {
    type: sealed ? "reasoning.encrypted" : "reasoning.text",
    ...((part.text !== "" || !sealed) && { [textKey]: part.text }),
    ...(state && { [sealed ? "data" : "signature"]: state.value, format: state.dialect }),
    ...(part.id !== undefined && { id: part.id }),
    index,
  };
}

/** Reasoning of a replayed assistant message: the details where there are any, else the text alone. */
export function readReasoningParts(message: JsonObject): ReasoningPart[] {
  const details = objectsOf(message["reasoning_details"]).map(readDetail);
  const parts = details.filter((part) => part !== undefined);
  const plain = plainReasoning(message);
  if (parts.some((part) => part.text !== "") || plain === "") return parts;
  const [first, ...rest] = parts;
  return first ? [{ ...first, text: plain }, ...rest] : [{ type: "reasoning", text: plain }];
}

/** The text under either of its two names. */
export function plainReasoning(message: JsonObject): string {
  return asString(message["reasoning_content"]) || asString(message["reasoning"]) || "";
}
