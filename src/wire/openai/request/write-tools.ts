import type { JsonObject } from "../../../core/json.ts";
import type { Losses } from "../../../core/loss.ts";
import type { ChatRequest, CustomTool, FunctionTool, HostedTool, Tool, ToolChoice } from "../../../core/request.ts";
import type { TargetInfo } from "../../format.ts";
import { dropToolExtra } from "../../loss/unknown-fields.ts";
import { asFunction } from "../../tools/custom-input.ts";
import { readWebSearch } from "../../web-search.ts";
import { fitParallel } from "../fit-model.ts";
import { type ModelRules, rulesOf } from "../model-rules.ts";
import { takesCustomTools } from "./new-fields.ts";

const WEB_SEARCH = "web_search_options";

/** What the writers of single tools need to know. */
interface ToolContext {
  request: ChatRequest;
  losses: Losses;
  rules: ModelRules;
  /** Free-form tools are taken; else they go as functions. */
  custom: boolean;
  body: JsonObject;
}

export function writeTools(request: ChatRequest, target: TargetInfo, body: JsonObject, losses: Losses): void {
  const rules = rulesOf(target.model);
  const context: ToolContext = { request, losses, rules, custom: takesCustomTools(request, target), body };
  const tools = request.tools.flatMap((tool, index) => writeTool(tool, `tools[${index}]`, context));
  if (tools.length === 0) {
    // With every tool gone the model would make up what it was to look up.
    const none = request.tools.length > 0 && body["web_search_options"] === undefined;
    if (none) losses.reject("tools", "hosted tools of another provider");
    return; // OpenAI refuses a tool choice without tools
  }
  body["tools"] = tools;
  if (request.toolChoice) body["tool_choice"] = writeChoice(request.toolChoice, context);
  const parallel = fitParallel(request, rules);
  if (parallel !== undefined) body["parallel_tool_calls"] = parallel;
}

function writeTool(tool: Tool, path: string, context: ToolContext): JsonObject[] {
  switch (tool.kind) {
    case "function":
      return [writeFunction(tool, path, context)];
    case "custom":
      return [writeCustom(tool, path, context)];
    case "hosted":
      return writeHosted(tool, path, context);
  }
}

function writeCustom(tool: CustomTool, path: string, context: ToolContext): JsonObject {
  const { name, description, format } = tool;
  if (!context.custom) {
    if (format?.["type"] === "grammar") context.losses.changed(`${path}.format`, "told in the description");
    return writeFunction(asFunction(tool), path, context);
  }
  const custom = { name, ...(description !== undefined && { description }), ...(format && { format }) };
  return { type: "custom", custom };
}

/** The search is no tool here but a field, and only of models made for it. */
function writeHosted(tool: HostedTool, path: string, { rules, body, request, losses }: ToolContext): JsonObject[] {
  const own = tool.dialect === "openai" && (request.dialect === "openai" || rules.search);
  if (own && tool.type === WEB_SEARCH) body[WEB_SEARCH] = tool.value;
  else if (tool.dialect === "openai" && tool.type !== WEB_SEARCH) return [tool.value];
  else if (tool.twin === "web_search" && rules.search) body[WEB_SEARCH] = searchOptions(tool, path, losses);
  else losses.drop(tool.twin ? `hosted_${tool.twin}` : "hosted_tools", path);
  return [];
}

function searchOptions(tool: HostedTool, path: string, losses: Losses): JsonObject {
  const { allowedDomains, blockedDomains, location, contextSize, rest } = readWebSearch(tool);
  if (allowedDomains) losses.changed(`${path}.allowed_domains`, "dropped");
  if (blockedDomains) losses.changed(`${path}.blocked_domains`, "dropped");
  for (const field of rest) losses.changed(`${path}.${field}`, "dropped");
  return {
    ...(location && { user_location: { type: "approximate", approximate: location } }),
    ...(contextSize !== undefined && { search_context_size: contextSize }),
  };
}

function writeFunction(tool: FunctionTool, path: string, { request, losses }: ToolContext): JsonObject {
  const { description, parameters, strict } = tool;
  const { function: inside, ...outside } = keepsExtra(tool, path, request, losses);
  if (tool.cache) losses.drop("cache_marks", `${path}.cache_control`);
  return {
    ...outside,
    type: "function",
    function: {
      ...(typeof inside === "object" && inside),
      name: tool.name,
      ...(description !== undefined && { description }),
      ...(parameters && { parameters }),
      ...(strict !== undefined && { strict }),
    },
  };
}

function keepsExtra(tool: FunctionTool, path: string, request: ChatRequest, losses: Losses): JsonObject {
  if (request.dialect === "openai") return tool.extra ?? {};
  dropToolExtra(tool, path, request.dialect, losses);
  return {};
}

function writeChoice(choice: ToolChoice, context: ToolContext): JsonObject | string {
  switch (choice.mode) {
    case "tool":
      return toolReference(choice.name, context);
    case "allowed": {
      const tools = choice.names.map((name) => toolReference(name, context));
      return { type: "allowed_tools", allowed_tools: { mode: choice.required ? "required" : "auto", tools } };
    }
    default:
      return choice.mode;
  }
}

function toolReference(name: string, { request, custom }: ToolContext): JsonObject {
  const tool = request.tools.find((candidate) => candidate.kind !== "hosted" && candidate.name === name);
  const type = tool?.kind === "custom" && custom ? "custom" : "function";
  return { type, [type]: { name } };
}
