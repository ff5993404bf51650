import { asArray, asObject, asString, type Json, type JsonObject } from "../../core/json.ts";

/**
 * What a model can do, from servers that say all of it. Half an answer is none: a capability that is not in the set counts
 * as missing, and a model nobody knows anything about counts as able.
 */
export function readCapabilities(entry: JsonObject): ReadonlySet<string> | undefined {
  return fromOpenRouter(entry) ?? fromMistral(entry) ?? fromLmStudio(entry);
}

function fromOpenRouter(entry: JsonObject): ReadonlySet<string> | undefined {
  const parameters = asArray(entry["supported_parameters"]);
  const inputs = asArray(asObject(entry["architecture"])?.["input_modalities"]);
  if (!parameters || !inputs) return undefined;
  return named({
    completion: true,
    tools: parameters.includes("tools"),
    thinking: parameters.includes("reasoning"),
    vision: inputs.includes("image"),
  });
}

function fromMistral(entry: JsonObject): ReadonlySet<string> | undefined {
  const flags = asObject(entry["capabilities"]);
  if (!flags) return undefined;
  if (!("completion_chat" in flags)) return undefined;
  return named({
    completion: flags["completion_chat"],
    tools: flags["function_calling"],
    vision: flags["vision"],
    insert: flags["completion_fim"],
  });
}

/** LM Studio's own list (`/api/v0/models`): a type, and `tool_use` where it is trained for it. */
function fromLmStudio(entry: JsonObject): ReadonlySet<string> | undefined {
  const type = asString(entry["type"]);
  if (type === "embeddings") return named({ embedding: true });
  const list = asArray(entry["capabilities"]);
  if ((type !== "llm" && type !== "vlm") || !list) return undefined;
  return named({ completion: true, vision: type === "vlm", tools: list.includes("tool_use") });
}

function named(flags: Record<string, Json | undefined>): ReadonlySet<string> {
  return new Set(Object.keys(flags).filter((name) => flags[name] === true));
}
