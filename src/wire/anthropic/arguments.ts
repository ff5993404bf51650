import { jsonrepair } from "jsonrepair";
import { isObject, type Json, type JsonObject, tryParseJson } from "../../core/json.ts";

export interface ToolInput {
  input: JsonObject;
  /** What had to be done to make an object of the text, for the loss report. */
  treatment?: string;
}

/** The raw JSON text of a call's arguments as the object Anthropic wants. Never fails: models do write broken JSON. */
export function toolInput(text: string): ToolInput {
  if (text.trim() === "") return { input: {} };
  const value = tryParseJson(text);
  if (isObject(value)) return { input: value };
  const repaired = value === undefined ? repair(text) : undefined;
  if (isObject(repaired)) return { input: repaired, treatment: "invalid JSON repaired" };
  return { input: { _raw: text }, treatment: "not a JSON object: sent as _raw" };
}

function repair(text: string): Json | undefined {
  try {
    return tryParseJson(jsonrepair(text));
  } catch {
    return undefined;
  }
}
