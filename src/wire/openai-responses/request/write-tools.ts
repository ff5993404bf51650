import { asObject, type JsonObject } from "../../../core/json.ts";
import type { Losses } from "../../../core/loss.ts";
import type { ChatRequest, FunctionTool, HostedTool, Tool } from "../../../core/request.ts";
import { fitParallel } from "../../openai/fit-model.ts";
import type { ModelRules } from "../../openai/model-rules.ts";
import { dropToolExtra } from "../../unknown-fields.ts";

/** The tools, and which of them is to be called. */
export function writeTools(request: ChatRequest, rules: ModelRules, losses: Losses): JsonObject {
  const tools: JsonObject[] = [];
  request.tools.forEach((tool, index) => {
    const written = writeTool(tool, request, `tools[${index}]`, losses);
    if (written !== undefined) tools.push(written);
  });
  const body: JsonObject = {};
  if (tools.length > 0) body["tools"] = tools;
  // With every tool gone the model would make up what it was to look up.
  else if (request.tools.length > 0) losses.reject("tools", "hosted tools of another provider");
  const choice = tools.length > 0 ? writeToolChoice(request) : undefined;
  if (choice !== undefined) body["tool_choice"] = choice;
  const parallel = fitParallel(request, rules);
  if (parallel !== undefined) body["parallel_tool_calls"] = parallel;
  return body;
}

function writeTool(tool: Tool, request: ChatRequest, path: string, losses: Losses): JsonObject | undefined {
  switch (tool.kind) {
    case "function":
      return writeFunction(tool, request, path, losses);
    case "custom":
      return {
        type: "custom",
        name: tool.name,
        ...(tool.description !== undefined && { description: tool.description }),
        ...(tool.format !== undefined && { format: tool.format }),
      };
    case "hosted":
      return writeHosted(tool, path, losses);
  }
}

function writeFunction(tool: FunctionTool, request: ChatRequest, path: string, losses: Losses): JsonObject {
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

/** Searching the web is the one hosted tool of another API that has a twin here. */
function writeHosted(tool: HostedTool, path: string, losses: Losses): JsonObject | undefined {
  if (tool.dialect === "openai-responses") return tool.value;
  if (tool.dialect !== "anthropic" || !tool.type.startsWith("web_search_")) {
    losses.drop("hosted_tools", path);
    return undefined;
  }
  if (tool.value["max_uses"] !== undefined) losses.changed(`${path}.max_uses`, "dropped");
  if (tool.value["blocked_domains"] !== undefined) losses.changed(`${path}.blocked_domains`, "dropped");
  const domains = tool.value["allowed_domains"];
  const location = asObject(tool.value["user_location"]);
  return {
    type: "web_search",
    ...(domains !== undefined && domains !== null && { filters: { allowed_domains: domains } }),
    ...(location !== undefined && { user_location: location }),
  };
}

function writeToolChoice(request: ChatRequest): JsonObject | string | undefined {
  const choice = request.toolChoice;
  if (choice === undefined) return undefined;
  switch (choice.mode) {
    case "tool":
      return named(choice.name, request.tools);
    case "allowed": {
      const tools = choice.names.map((name) => named(name, request.tools));
      return { type: "allowed_tools", mode: choice.required ? "required" : "auto", tools };
    }
    default:
      return choice.mode;
  }
}

function named(name: string, tools: readonly Tool[]): JsonObject {
  const callable = tools.find((tool) => tool.kind !== "hosted" && tool.name === name);
  if (callable !== undefined) return { type: callable.kind, name };
  const hosted = tools.some((tool) => tool.kind === "hosted" && tool.type === name);
  return hosted ? { type: name } : { type: "function", name };
}
