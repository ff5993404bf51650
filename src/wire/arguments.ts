import { jsonrepair } from "jsonrepair";
import { isObject, type JsonObject, tryParseJson } from "../core/json.ts";

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
