import { isObject, type Json, type JsonObject } from "../core/json.ts";

/** What decides where a request goes and what it says, in any of the APIs. */
const STEERING = new Set([
  ...["model", "messages", "input", "contents", "prompt", "system", "instructions", "tools", "stream", "options"],
  ...["role", "content", "parts", "images", "tool_calls"],
]);

/** How many keys the objects in it have; JSON text that has more of them has some twice in one object. */
export function keysIn(value: Json | undefined): number {
  let keys = 0;
  if (Array.isArray(value)) {
    for (const each of value) if (typeof each === "object") keys += keysIn(each);
  } else if (isObject(value)) {
    for (const key in value) {
      const each = value[key];
      keys += typeof each === "object" ? 1 + keysIn(each) : 1;
    }
  }
  return keys;
}

/**
 * A key of the body or of its messages that Go's parser, and so Ollama and many gateways, takes for one that steers: `Model` for
 * `model`. Such a request would say one thing to our rules and another to its provider. Undefined: there is none.
 */
export function misspelt(body: JsonObject): string | undefined {
  return misspeltIn([body]) ?? misspeltIn(body["messages"]) ?? misspeltIn(body["input"]);
}

function misspeltIn(list: Json | undefined): string | undefined {
  if (!Array.isArray(list)) return undefined;
  for (const object of list) {
    if (!isObject(object)) continue;
    for (const key in object) if (!STEERING.has(key) && STEERING.has(folded(key))) return key;
  }
  return undefined;
}

/** Unicode has two more letters that fold to ASCII: the long s and the Kelvin sign. */
function folded(key: string): string {
  return key.toUpperCase().toLowerCase();
}
