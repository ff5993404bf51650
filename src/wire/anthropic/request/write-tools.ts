import { assignOwn, type JsonObject } from "../../../core/json.ts";
import type { CustomTool, FunctionTool, HostedTool, Tool, ToolChoice } from "../../../core/request.ts";
import { dropToolExtra } from "../../loss/unknown-fields.ts";
import { asFunction } from "../../tools/custom-input.ts";
import { writeTwin } from "../hosted.ts";
import type { Draft } from "./draft.ts";

export function writeTools(draft: Draft): JsonObject[] {
  const { request, losses } = draft;
  const choice = request.toolChoice;
  const allowed = choice?.mode === "allowed" ? new Set(choice.names) : undefined;
  if (allowed) losses.changed("tool_choice", "only the allowed tools are sent");
  const tools: JsonObject[] = [];
  request.tools.forEach((tool, index) => {
    if (allowed && !(tool.kind !== "hosted" && allowed.has(tool.name))) return;
    const written = writeTool(tool, `tools[${index}]`, draft);
    if (written) tools.push(written);
  });
  // With every tool gone the model would make up what it was to look up.
  if (tools.length === 0 && request.tools.length > 0) losses.reject("tools", "hosted tools of another provider");
  return tools;
}

function writeTool(tool: Tool, field: string, draft: Draft): JsonObject | undefined {
  switch (tool.kind) {
    case "function":
      return writeFunction(tool, field, draft);
    case "custom":
      draft.losses.changed(field, "free-form tool sent as a function with one string, input");
      return writeCustom(tool);
    case "hosted": {
      if (tool.dialect !== "anthropic") return writeForeignTool(tool, field, draft);
      const value = { ...tool.value };
      draft.marks.adopt(value);
      return value;
    }
  }
}

function writeFunction(tool: FunctionTool, field: string, draft: Draft): JsonObject {
  const written: JsonObject = { name: tool.name };
  if (tool.description !== undefined) written["description"] = tool.description.toWellFormed();
  const schema = tool.parameters ?? { type: "object", properties: {} };
  written["input_schema"] = schema["type"] === undefined ? { type: "object", ...schema } : schema;
  if (tool.strict) written["strict"] = true;
  if (draft.request.dialect === "anthropic") assignOwn(written, tool.extra);
  else dropToolExtra(tool, field, draft.request.dialect, draft.losses);
  draft.marks.mark(written, tool.cache);
  return written;
}

function writeForeignTool(tool: HostedTool, field: string, { request, losses }: Draft): JsonObject | undefined {
  const { twin } = tool;
  const taken = request.tools.some((other) => other.kind !== "hosted" && other.name === twin);
  if (twin !== undefined && !taken) return writeTwin(tool, twin, field, losses);
  losses.drop("hosted_tools", `${field} (${tool.type})`);
  return undefined;
}

function writeCustom(tool: CustomTool): JsonObject {
  const { name, description, parameters = {} } = asFunction(tool);
  return { name, ...(description !== undefined && { description }), input_schema: parameters };
}

export interface WrittenChoice {
  choice?: JsonObject;
  /** The model has to call a tool, which rules out thinking. */
  forced: boolean;
}

export function writeToolChoice(tools: readonly JsonObject[], draft: Draft): WrittenChoice {
  const { request, losses, rules } = draft;
  if (tools.length === 0) {
    if (request.toolChoice && isForcing(request.toolChoice))
      losses.changed("tool_choice", "dropped: no tools are sent");
    return { forced: false };
  }
  let choice = request.toolChoice && choiceJson(request.toolChoice);
  if (choice?.["type"] === "tool" && !tools.some((tool) => tool["name"] === choice?.["name"])) {
    losses.changed("tool_choice", `${String(choice["name"])}->auto: no such tool is sent`);
    choice = { type: "auto" };
  }
  let forced = choice?.["type"] === "any" || choice?.["type"] === "tool";
  if (forced && !rules.forcedTool) {
    losses.changed("tool_choice", `${String(choice?.["name"] ?? "required")}->auto: the model takes no forced tool`);
    choice = { type: "auto" };
    forced = false;
  }
  if (request.parallelToolCalls === false && choice?.["type"] !== "none")
    choice = { ...(choice ?? { type: "auto" }), disable_parallel_tool_use: true };
  return choice ? { choice, forced } : { forced };
}

function isForcing(choice: ToolChoice): boolean {
  return choice.mode === "required" || choice.mode === "tool" || (choice.mode === "allowed" && choice.required);
}

function choiceJson(choice: ToolChoice): JsonObject {
  switch (choice.mode) {
    case "auto":
    case "none":
      return { type: choice.mode };
    case "required":
      return { type: "any" };
    case "tool":
      return { type: "tool", name: choice.name };
    case "allowed":
      return { type: choice.required ? "any" : "auto" };
  }
}
