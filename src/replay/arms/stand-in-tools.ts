import { isObject, type Json, type JsonObject, tryParseJson } from "../../core/json.ts";
import type { ChatRequest, Tool } from "../../core/request.ts";
import { argumentsOf } from "../logged-part.ts";

/** How many values of an argument its type is read from. */
interface Seen {
  isCustom: boolean;
  properties: Map<string, Set<string>>;
}

/**
 * Definitions for the tools that were called in a conversation or in its answer: the real ones are not recorded, and without any no
 * model could call one. Names and arguments are those that were seen; what the tools do the conversation has to tell.
 */
export function standInTools(
  { messages }: ChatRequest,
  answered: readonly { name: string; arguments: Json }[],
): Tool[] {
  const tools = new Map<string, Seen>();
  const see = (name: string, input: Json | undefined, isCustom: boolean) => {
    const seen = tools.get(name) ?? { isCustom, properties: new Map() };
    tools.set(name, seen);
    if (!isObject(input)) return;
    for (const [key, value] of Object.entries(input)) {
      const types = seen.properties.get(key) ?? new Set();
      seen.properties.set(key, types.add(typeOf(value)));
    }
  };
  for (const { parts } of messages)
    for (const part of parts)
      if (part.type === "tool-call") see(part.name, tryParseJson(part.arguments), part.kind === "custom");
  for (const { name, arguments: input } of answered) see(name, input, argumentsOf(input).kind === "custom");
  return [...tools].map(([name, seen]) => toolOf(name, seen));
}

const DESCRIPTION = "(Its description was not kept; the conversation shows what it does.)";

function toolOf(name: string, { isCustom, properties }: Seen): Tool {
  if (isCustom) return { kind: "custom", name, description: DESCRIPTION };
  const schemas: JsonObject = Object.fromEntries([...properties].map(([key, types]) => [key, schemaOf([...types])]));
  return { kind: "function", name, description: DESCRIPTION, parameters: { type: "object", properties: schemas } };
}

function schemaOf(types: readonly string[]): JsonObject {
  const [only, ...more] = types;
  if (only === undefined || more.length > 0 || only === "null") return {};
  return only === "array" ? { type: only, items: {} } : { type: only };
}

function typeOf(value: Json | undefined): string {
  if (Array.isArray(value)) return "array";
  return value === null || value === undefined ? "null" : typeof value;
}
