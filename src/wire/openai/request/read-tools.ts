import { asObject, asString, isObject, type JsonObject, objectsOf } from "../../../core/json.ts";
import type { FunctionTool, HostedTool, Tool, ToolChoice } from "../../../core/request.ts";
import { badField, booleanField, objectEntry, objectField, objectListField, stringField } from "./fields.ts";
import { readCacheMark } from "./read-content.ts";

const TOOL_KEYS: ReadonlySet<string> = new Set(["type", "function", "cache_control", "prompt_cache_breakpoint"]);
const FUNCTION_KEYS: ReadonlySet<string> = new Set(["name", "description", "parameters", "strict"]);

export function readTools(body: JsonObject): Tool[] {
  const tools = objectListField(body, "tools").map((tool, index) => readTool(tool, `tools[${index}]`));
  const functions = objectListField(body, "functions");
  const search = objectField(body, "web_search_options");
  return [
    ...tools,
    ...functions.map((inner, index) => functionTool({}, inner, `functions[${index}]`)),
    ...(search ? [searchTool(search)] : []),
  ];
}

/** Chat's models for it search before they answer; elsewhere the search is a tool. */
function searchTool(value: JsonObject): HostedTool {
  return { kind: "hosted", dialect: "openai", type: "web_search_options", value, twin: "web_search" };
}

function readTool(tool: JsonObject, path: string): Tool {
  const type = tool["type"] ?? "function";
  if (typeof type !== "string") throw badField(`${path}.type`, "must be the type of a tool");
  if (type === "function") {
    const at = `${path}.function`;
    return functionTool(tool, objectEntry(tool["function"] ?? null, at), at);
  }
  if (type !== "custom") return { kind: "hosted", dialect: "openai", type, value: tool };
  const custom = objectEntry(tool["custom"] ?? null, `${path}.custom`);
  const description = stringField(custom, "description", `${path}.custom.description`);
  const format = objectField(custom, "format", `${path}.custom.format`);
  return {
    kind: "custom",
    name: nameOf(custom, `${path}.custom`),
    ...(description !== undefined && { description }),
    ...(format && { format }),
  };
}

function functionTool(tool: JsonObject, inner: JsonObject, path: string): FunctionTool {
  const description = stringField(inner, "description", `${path}.description`);
  const parameters = objectField(inner, "parameters", `${path}.parameters`);
  const strict = booleanField(inner, "strict", `${path}.strict`);
  const cache = readCacheMark(tool);
  const extra = extraOf(tool, inner);
  return {
    kind: "function",
    name: nameOf(inner, path),
    ...(description !== undefined && { description }),
    ...(parameters && { parameters }),
    ...(strict !== undefined && { strict }),
    ...(cache && { cache }),
    ...(extra && { extra }),
  };
}

/** Keys nobody knows, in their places: those of the inner object under `function`. */
function extraOf(tool: JsonObject, inner: JsonObject): JsonObject | undefined {
  if (knowsAll(tool, TOOL_KEYS) && knowsAll(inner, FUNCTION_KEYS)) return undefined;
  const extra = Object.fromEntries(Object.entries(tool).filter(([key]) => !TOOL_KEYS.has(key)));
  const inside = Object.entries(inner).filter(([key]) => !FUNCTION_KEYS.has(key));
  if (inside.length > 0) extra["function"] = Object.fromEntries(inside);
  return extra;
}

/** Agents send dozens of tools, nearly all of them plain: no lists are made to find that out. */
function knowsAll(value: JsonObject, known: ReadonlySet<string>): boolean {
  for (const key in value) if (!known.has(key)) return false;
  return true;
}

function nameOf(inner: JsonObject, path: string): string {
  const name = asString(inner["name"]);
  if (!name) throw badField(`${path}.name`, "must be the name of the tool");
  return name;
}

/** Undefined also for a choice of a type the API may have learnt since: `request.extra` then keeps it. */
export function readToolChoice(body: JsonObject): ToolChoice | undefined {
  const choice = body["tool_choice"] ?? body["function_call"];
  if (choice === undefined || choice === null) return undefined;
  if (choice === "auto" || choice === "none" || choice === "required") return { mode: choice };
  if (choice === "any") return { mode: "required" }; // Mistral's word
  if (!isObject(choice)) throw badField("tool_choice", "must be auto, none, required or a choice object");
  if (choice["type"] === "allowed_tools") return allowedTools(choice);
  const name = chosenName(choice);
  if (name !== undefined) return { mode: "tool", name };
  if (isNewType(choice)) return undefined;
  throw badField("tool_choice", "must name a function or custom tool");
}

function isNewType({ type }: JsonObject): boolean {
  return typeof type === "string" && type !== "function" && type !== "custom";
}

function chosenName(choice: JsonObject): string | undefined {
  const inner = asObject(choice["function"]) ?? asObject(choice["custom"]) ?? choice;
  return asString(inner["name"]);
}

function allowedTools(choice: JsonObject): ToolChoice {
  const allowed = asObject(choice["allowed_tools"]) ?? choice;
  const names = objectsOf(allowed["tools"]).map(chosenName);
  return {
    mode: "allowed",
    names: names.filter((name) => name !== undefined),
    required: allowed["mode"] === "required",
  };
}
