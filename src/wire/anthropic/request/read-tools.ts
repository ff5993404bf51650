import { asArray, asObject, asString, isObject, type JsonObject } from "../../../core/json.ts";
import type { ChatRequest, FunctionTool, Tool } from "../../../core/request.ts";
import { twinOf } from "../hosted.ts";
import { cacheOf, refuse } from "./read-content.ts";

export function readTools(body: JsonObject, request: ChatRequest): void {
  const json = body["tools"];
  if (json === undefined || json === null) return;
  const list = asArray(json) ?? refuse("tools", "Input should be a valid list");
  request.tools = list.map((entry, index) => {
    if (!isObject(entry)) return refuse(`tools.${index}`, "Input should be an object");
    return readTool(entry, `tools.${index}`);
  });
}

function readTool(entry: JsonObject, path: string): Tool {
  const type = asString(entry["type"]);
  if (type !== undefined && type !== "custom") {
    const twin = twinOf(type);
    return { kind: "hosted", dialect: "anthropic", type, value: entry, ...(twin && { twin }) };
  }
  const { type: _type, name, description, input_schema: schema, strict, cache_control: _cache, ...extra } = entry;
  const tool: FunctionTool = { kind: "function", name: asString(name) ?? refuse(`${path}.name`, "Field required") };
  const text = asString(description);
  const parameters = asObject(schema);
  const cache = cacheOf(entry);
  if (text !== undefined) tool.description = text;
  if (parameters) tool.parameters = parameters;
  if (typeof strict === "boolean") tool.strict = strict;
  if (cache) tool.cache = cache;
  if (Object.keys(extra).length > 0) tool.extra = extra;
  return tool;
}

export function readToolChoice(body: JsonObject, request: ChatRequest): void {
  const choice = asObject(body["tool_choice"]);
  if (!choice) return;
  const name = asString(choice["name"]);
  switch (choice["type"]) {
    case "auto":
      request.toolChoice = { mode: "auto" };
      break;
    case "any":
      request.toolChoice = { mode: "required" };
      break;
    case "none":
      request.toolChoice = { mode: "none" };
      break;
    case "tool":
      request.toolChoice = { mode: "tool", name: name ?? refuse("tool_choice.name", "Field required") };
      break;
    default:
      return refuse("tool_choice.type", "Input should be 'auto', 'any', 'tool' or 'none'");
  }
  const single = choice["disable_parallel_tool_use"];
  if (typeof single === "boolean") request.parallelToolCalls = !single;
}
