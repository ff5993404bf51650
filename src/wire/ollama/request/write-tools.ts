import { asObject, assignOwn, type JsonObject } from "../../../core/json.ts";
import type { Losses } from "../../../core/loss.ts";
import type { ChatRequest, FunctionTool, Tool } from "../../../core/request.ts";
import { dropToolExtra } from "../../loss/unknown-fields.ts";
import { asFunction } from "../../tools/custom-input.ts";
import { isOllama } from "./write-think.ts";

/** The tools to send. Ollama has no tool choice: what can be said by leaving tools out is said so. */
export function writeTools(request: ChatRequest, losses: Losses): JsonObject[] {
  const chosen = chosenTools(request, losses);
  if (request.parallelToolCalls === false && chosen.length > 0) losses.drop("parallel_tool_calls");
  const tools = chosen.flatMap((tool) => writeTool(tool, `tools[${request.tools.indexOf(tool)}]`, request, losses));
  // With every tool gone the model would make up what it was to look up.
  if (tools.length === 0 && chosen.length > 0) losses.reject("tools", "hosted tools of another provider");
  return tools;
}

function chosenTools(request: ChatRequest, losses: Losses): Tool[] {
  const { toolChoice: choice, tools } = request;
  switch (choice?.mode) {
    case "none":
      return [];
    case "required":
      losses.drop("tool_choice_required", "tool_choice");
      return tools;
    case "tool":
      losses.changed("tool_choice", `only tool sent: ${choice.name}`);
      return tools.filter((tool) => nameOf(tool) === choice.name);
    case "allowed":
      if (choice.required) losses.drop("tool_choice_required", "tool_choice");
      return tools.filter((tool) => choice.names.includes(nameOf(tool)));
    default:
      return tools;
  }
}

function nameOf(tool: Tool): string {
  return tool.kind === "hosted" ? tool.type : tool.name;
}

function writeTool(tool: Tool, path: string, request: ChatRequest, losses: Losses): JsonObject[] {
  switch (tool.kind) {
    case "function":
      return [functionTool(tool, path, request, losses)];
    case "custom": {
      const { name, description, parameters } = asFunction(tool);
      return [wrap(name, description, parameters ?? {})];
    }
    case "hosted":
      if (tool.dialect === "ollama") return [tool.value];
      losses.drop("hosted_tools", `${path}(${tool.type})`);
      return [];
  }
}

function functionTool(tool: FunctionTool, path: string, request: ChatRequest, losses: Losses): JsonObject {
  if (tool.strict) losses.drop("strict_tools", `${path}.strict`);
  if (tool.cache) losses.drop("cache_marks", `${path}.cache_control`);
  const written = wrap(tool.name, tool.description, tool.parameters ?? { type: "object", properties: {} });
  if (isOllama(request)) assignOwn(asObject(written["function"]) ?? {}, tool.extra);
  else dropToolExtra(tool, path, request.dialect, losses);
  return written;
}

function wrap(name: string, description: string | undefined, parameters: JsonObject): JsonObject {
  return {
    type: "function",
    function: { name, ...(description !== undefined && { description }), parameters },
  };
}
