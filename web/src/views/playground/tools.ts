import type { Tool } from "./formats/format.ts";
import { at, isObject, listAt, textAt } from "./formats/json.ts";

const SAMPLE: Tool = {
  name: "get_weather",
  description: "The weather in a city, now.",
  parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};

export const SAMPLE_TOOLS = JSON.stringify([SAMPLE], null, 2);

/** Tools pasted as JSON: one or a list, in the words of any API. Throws saying what is wrong. */
export function toolsOf(text: string): Tool[] {
  if (text.trim() === "") return [];
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new Error(`tools are no JSON: ${error instanceof Error ? error.message : error}`);
  }
  return (Array.isArray(parsed) ? parsed : [parsed]).flatMap(declared).map(toolOf);
}

/** Gemini puts many functions into one tool, OpenAI's chat one into a wrapper. */
function declared(tool: unknown): unknown[] {
  const functions = listAt(tool, "functionDeclarations");
  return functions.length > 0 ? functions : [at(tool, "function") ?? tool];
}

function toolOf(tool: unknown): Tool {
  const name = textAt(tool, "name");
  if (name === undefined) throw new Error(`a tool has no name: ${JSON.stringify(tool)}`);
  const schema = at(tool, "parameters") ?? at(tool, "input_schema") ?? at(tool, "parametersJsonSchema");
  if (schema !== undefined && !isObject(schema)) throw new Error(`the parameters of '${name}' are no JSON Schema`);
  const parameters = schema ?? { type: "object", properties: {} };
  return { name, description: textAt(tool, "description") ?? "", parameters };
}
