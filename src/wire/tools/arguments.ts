import { jsonrepair } from "jsonrepair";
import { isObject, type JsonObject, tryParseJson } from "../../core/json.ts";
import type { Losses } from "../../core/loss.ts";

/**
 * A call's raw arguments as the object some dialects want (Anthropic, Ollama). Models write broken JSON now and then: what
 * can be repaired is, anything else travels whole under `_raw`, so that the conversation goes on. Key order is kept, since
 * it is part of the provider's cache key.
 */
export function argumentsObject(text: string): JsonObject {
  if (text.trim() === "") return {};
  const value = tryParseJson(text) ?? tryRepair(text);
  return isObject(value) ? value : { _raw: text };
}

function tryRepair(text: string): unknown {
  try {
    return tryParseJson(jsonrepair(text));
  } catch {
    return undefined;
  }
}

/** The same for a call in a request; what had to be mended is told as a loss of `field`. */
export function writtenArguments(text: string, field: string, losses: Losses): JsonObject {
  if (text.trim() === "") return {};
  const value = tryParseJson(text);
  if (isObject(value)) return value;
  const input = argumentsObject(text);
  losses.changed(field, input["_raw"] === text ? "not a JSON object: sent as _raw" : "invalid JSON repaired");
  return input;
}
