import { asObject, type JsonObject } from "../../../../core/json.ts";
import type { ChatRequest, FunctionTool, HostedTool, HostedTwin, Tool } from "../../../../core/request.ts";
import { objectField, objectList, refuse, restOf, stringField, stringList } from "./read-fields.ts";
import { readSchema } from "./read-schema.ts";

/** Each key of an entry of `tools` is a tool, or in `functionDeclarations` a list of them. */
export function readTools(body: JsonObject): Tool[] {
  const tools: Tool[] = [];
  for (const [at, entry] of objectList(body["tools"], "tools").entries()) {
    const path = `tools[${at}]`;
    for (const [type, value] of Object.entries(entry)) {
      if (value === undefined || value === null) continue;
      if (type !== "functionDeclarations") tools.push(hosted(type, value));
      else
        for (const [place, declared] of objectList(value, `${path}.${type}`).entries())
          tools.push(readFunction(declared, `${path}.${type}[${place}]`));
    }
  }
  return tools;
}

const TWINS: ReadonlyMap<string, HostedTwin> = new Map([
  ["googleSearch", "web_search"],
  ["googleSearchRetrieval", "web_search"],
  ["enterpriseWebSearch", "web_search"],
  ["urlContext", "web_fetch"],
  ["codeExecution", "code_execution"],
]);

function hosted(type: string, value: JsonObject[string]): HostedTool {
  const twin = TWINS.get(type);
  return { kind: "hosted", dialect: "gemini", type, value: { [type]: value }, ...(twin && { twin }) };
}

const FUNCTION_KEYS = new Set(["name", "description", "parameters", "parametersJsonSchema"]);

function readFunction(declared: JsonObject, path: string): FunctionTool {
  const name = stringField(declared, "name", `${path}.name`);
  if (!name) return refuse(`${path}.name`, "Name cannot be empty.");
  const tool: FunctionTool = { kind: "function", name };
  const description = stringField(declared, "description", `${path}.description`);
  if (description !== undefined) tool.description = description;
  const schema = asObject(declared["parametersJsonSchema"]) ?? asObject(declared["parameters"]);
  if (schema) tool.parameters = readSchema(schema);
  const extra = restOf(declared, FUNCTION_KEYS);
  if (extra) tool.extra = extra;
  return tool;
}

/** `toolConfig`: who may be called. What of it no other API can say stays in `extra`. */
export function readToolConfig(body: JsonObject, request: ChatRequest): void {
  const config = objectField(body, "toolConfig");
  if (!config) return;
  const path = "toolConfig.functionCallingConfig";
  const calling = objectField(config, "functionCallingConfig", path);
  const { functionCallingConfig: _calling, ...rest } = config;
  const left = calling && readCalling(calling, path, request);
  const extra = { ...rest, ...(left && { functionCallingConfig: left }) };
  if (Object.keys(extra).length > 0) request.extra["toolConfig"] = extra;
}

/** `streamFunctionCallArguments` is about how an answer comes, and its arguments come whole here. */
const CALLING_KEYS = new Set(["mode", "allowedFunctionNames", "streamFunctionCallArguments"]);

function readCalling(calling: JsonObject, path: string, request: ChatRequest): JsonObject | undefined {
  const mode = stringField(calling, "mode", `${path}.mode`)?.toUpperCase() ?? "AUTO";
  const names = stringList(calling, "allowedFunctionNames", `${path}.allowedFunctionNames`);
  const left = restOf(calling, CALLING_KEYS);
  const [only] = names;
  switch (mode) {
    case "AUTO":
    case "MODE_UNSPECIFIED":
      request.toolChoice = { mode: "auto" };
      return left;
    case "NONE":
      request.toolChoice = { mode: "none" };
      return left;
    case "ANY":
      if (only === undefined) request.toolChoice = { mode: "required" };
      else if (names.length === 1) request.toolChoice = { mode: "tool", name: only };
      else request.toolChoice = { mode: "allowed", names, required: true };
      return left;
    case "VALIDATED":
      // That calls are held to their schemas is what no other API says of all tools at once.
      request.toolChoice = only === undefined ? { mode: "auto" } : { mode: "allowed", names, required: false };
      return { ...left, mode };
    default:
      return refuse(`${path}.mode`, "must be AUTO, ANY, NONE or VALIDATED");
  }
}
