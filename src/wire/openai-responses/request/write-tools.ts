import type { JsonObject } from "../../../core/json.ts";
import type { Losses } from "../../../core/loss.ts";
import type { ChatRequest, CustomTool, FunctionTool, HostedTool, Tool } from "../../../core/request.ts";
import { dropToolExtra } from "../../loss/unknown-fields.ts";
import { fitParallel } from "../../openai/fit-model.ts";
import type { ModelRules } from "../../openai/model-rules.ts";
import { asFunction } from "../../tools/custom-input.ts";
import { readWebSearch } from "../../web-search.ts";

/** The tools, and which of them is to be called. */
export function writeTools(request: ChatRequest, rules: ModelRules, losses: Losses): JsonObject {
  const tools: JsonObject[] = [];
  request.tools.forEach((tool, index) => {
    const written = writeTool(tool, { request, rules, path: `tools[${index}]`, losses });
    if (written !== undefined) tools.push(written);
  });
  const body: JsonObject = {};
  if (tools.length > 0) body["tools"] = tools;
  // With every tool gone the model would make up what it was to look up.
  else if (request.tools.length > 0) losses.reject("tools", "hosted tools of another provider");
  const choice = tools.length > 0 ? writeToolChoice(request, rules) : undefined;
  if (choice !== undefined) body["tool_choice"] = choice;
  const parallel = fitParallel(request, rules);
  if (parallel !== undefined) body["parallel_tool_calls"] = parallel;
  return body;
}

/** Where a tool stands, and for whom it is written. */
interface Place {
  request: ChatRequest;
  rules: ModelRules;
  path: string;
  losses: Losses;
}

function writeTool(tool: Tool, place: Place): JsonObject | undefined {
  switch (tool.kind) {
    case "function":
      return writeFunction(tool, place);
    case "custom":
      return writeCustom(tool, place);
    case "hosted":
      return writeHosted(tool, place);
  }
}

function writeCustom(tool: CustomTool, place: Place): JsonObject {
  const { name, description, format } = tool;
  if (!place.rules.customTools) {
    if (format?.["type"] === "grammar") place.losses.changed(`${place.path}.format`, "told in the description");
    return writeFunction(asFunction(tool), place);
  }
  return { type: "custom", name, ...(description !== undefined && { description }), ...(format && { format }) };
}

function writeFunction(tool: FunctionTool, { request, path, losses }: Place): JsonObject {
  const own = request.dialect === "openai-responses";
  if (!own) dropToolExtra(tool, path, request.dialect, losses);
  if (tool.cache !== undefined)
    losses.list.push({ field: `${path}.cache_control`, treatment: "dropped", class: "silent" });
  return {
    type: "function",
    name: tool.name,
    ...(tool.description !== undefined && { description: tool.description }),
    parameters: tool.parameters ?? { type: "object", properties: {} },
    // Left out, OpenAI takes it for true and refuses schemas that were not written for that.
    strict: tool.strict ?? false,
    ...(own && tool.extra),
  };
}

/** Of other APIs' tools those have twins here that search the web or run code. */
function writeHosted(tool: HostedTool, { path, losses }: Place): JsonObject | undefined {
  if (tool.dialect === "openai-responses") return tool.value;
  switch (tool.twin) {
    case "web_search":
      return webSearch(tool, path, losses);
    case "code_execution":
      return { type: "code_interpreter", container: { type: "auto" } };
    default:
      losses.drop(tool.twin ? `hosted_${tool.twin}` : "hosted_tools", path);
      return undefined;
  }
}

function webSearch(tool: HostedTool, path: string, losses: Losses): JsonObject {
  const { allowedDomains, blockedDomains, location, contextSize, rest } = readWebSearch(tool);
  if (blockedDomains) losses.changed(`${path}.blocked_domains`, "dropped");
  for (const field of rest) losses.changed(`${path}.${field}`, "dropped");
  return {
    type: "web_search",
    ...(allowedDomains && { filters: { allowed_domains: allowedDomains } }),
    ...(location && { user_location: { type: "approximate", ...location } }),
    ...(contextSize !== undefined && { search_context_size: contextSize }),
  };
}

function writeToolChoice(request: ChatRequest, rules: ModelRules): JsonObject | string | undefined {
  const choice = request.toolChoice;
  if (choice === undefined) return undefined;
  switch (choice.mode) {
    case "tool":
      return named(choice.name, request.tools, rules);
    case "allowed": {
      const tools = choice.names.map((name) => named(name, request.tools, rules));
      return { type: "allowed_tools", mode: choice.required ? "required" : "auto", tools };
    }
    default:
      return choice.mode;
  }
}

function named(name: string, tools: readonly Tool[], rules: ModelRules): JsonObject {
  const callable = tools.find((tool) => tool.kind !== "hosted" && tool.name === name);
  if (callable?.kind === "custom" && rules.customTools) return { type: "custom", name };
  if (callable) return { type: "function", name };
  const hosted = tools.find((tool) => tool.kind === "hosted" && (tool.type === name || tool.value["name"] === name));
  if (hosted?.kind !== "hosted") return { type: "function", name };
  return { type: hosted.dialect === "openai-responses" ? hosted.type : hostedType(hosted) };
}

function hostedType({ twin, type }: HostedTool): string {
  if (twin === "web_search") return "web_search";
  return twin === "code_execution" ? "code_interpreter" : type;
}
