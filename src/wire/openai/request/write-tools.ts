import type { JsonObject } from "../../../core/json.ts";
import type { Losses } from "../../../core/loss.ts";
import type { ChatRequest, FunctionTool, Tool, ToolChoice } from "../../../core/request.ts";
import type { TargetInfo } from "../../format.ts";
import { legalToolId } from "../../ids.ts";
import { dropToolExtra } from "../../unknown-fields.ts";
import { fitParallel } from "../fit-model.ts";
import { rulesOf } from "../model-rules.ts";

/** Ids may hold any character: some models make sense of their own (`functions.f:0`). */
const ID = { pattern: /^.+$/s, max: 64 };

export function callId(id: string): string {
  return legalToolId(id, ID);
}

export function writeTools(request: ChatRequest, target: TargetInfo, body: JsonObject, losses: Losses): void {
  const rules = rulesOf(target.model);
  const tools: JsonObject[] = [];
  request.tools.forEach((tool, index) => {
    const written = writeTool(tool, `tools[${index}]`, request, losses);
    if (written) tools.push(written);
  });
  if (tools.length === 0) {
    // With every tool gone the model would make up what it was to look up.
    if (request.tools.length > 0) losses.reject("tools", "hosted tools of another provider");
    return; // OpenAI refuses a tool choice without tools
  }
  body["tools"] = tools;
  if (request.toolChoice) body["tool_choice"] = writeChoice(request.toolChoice, request);
  const parallel = fitParallel(request, rules);
  if (parallel !== undefined) body["parallel_tool_calls"] = parallel;
}

function writeTool(tool: Tool, path: string, request: ChatRequest, losses: Losses): JsonObject | undefined {
  switch (tool.kind) {
    case "function":
      return writeFunction(tool, path, request, losses);
    case "custom": {
      const { description, format } = tool;
      return {
        type: "custom",
        custom: {
          name: tool.name,
          ...(description !== undefined && { description }),
          ...(format && { format }),
        },
      };
    }
    case "hosted":
      if (tool.dialect === "openai") return tool.value;
      losses.drop("hosted_tools", path);
      return undefined;
  }
}

function writeFunction(tool: FunctionTool, path: string, request: ChatRequest, losses: Losses): JsonObject {
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

function writeChoice(choice: ToolChoice, request: ChatRequest): JsonObject | string {
  switch (choice.mode) {
    case "tool":
      return toolReference(choice.name, request);
    case "allowed": {
      const tools = choice.names.map((name) => toolReference(name, request));
      return { type: "allowed_tools", allowed_tools: { mode: choice.required ? "required" : "auto", tools } };
    }
    default:
      return choice.mode;
  }
}

function toolReference(name: string, request: ChatRequest): JsonObject {
  const tool = request.tools.find((candidate) => candidate.kind !== "hosted" && candidate.name === name);
  const type = tool?.kind === "custom" ? "custom" : "function";
  return { type, [type]: { name } };
}
