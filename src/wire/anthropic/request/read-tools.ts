import { asArray, asString, isObject, type JsonObject } from "../../../core/json.ts";
import type { ChatRequest, FunctionTool, Tool } from "../../../core/request.ts";
import { twinOf } from "../hosted.ts";
import { booleanField, objectField, refuse, stringField } from "./fields.ts";
import { cacheOf } from "./read-content.ts";

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
  const { type: _, name: _n, description: _d, input_schema: _s, strict: _strict, cache_control: _c, ...extra } = entry;
  const name = stringField(entry, "name", `${path}.name`) ?? refuse(`${path}.name`, "Field required");
  const tool: FunctionTool = { kind: "function", name };
  const text = stringField(entry, "description", `${path}.description`);
  const parameters = objectField(entry, "input_schema", `${path}.input_schema`);
  const strict = booleanField(entry, "strict", `${path}.strict`);
  const cache = cacheOf(entry, path);
  if (text !== undefined) tool.description = text;
  if (parameters) tool.parameters = parameters;
  if (strict !== undefined) tool.strict = strict;
  if (cache) tool.cache = cache;
  if (Object.keys(extra).length > 0) tool.extra = extra;
  return tool;
}

export function readToolChoice(body: JsonObject, request: ChatRequest): void {
  const choice = objectField(body, "tool_choice");
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
      if (asString(choice["type"]) === undefined)
        return refuse("tool_choice.type", "Input should be 'auto', 'any', 'tool' or 'none'");
      // One the API may have learnt since.
      request.extra["tool_choice"] = choice;
      return;
  }
  const single = booleanField(choice, "disable_parallel_tool_use", "tool_choice.disable_parallel_tool_use");
  if (single !== undefined) request.parallelToolCalls = !single;
}
