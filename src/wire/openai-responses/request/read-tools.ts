import { asArray, asObject, asString, isObject, type JsonObject } from "../../../core/json.ts";
import type { CustomTool, FunctionTool, HostedTwin, Tool, ToolChoice } from "../../../core/request.ts";
import { type DeclaredTool, declaredTools, flatToolName } from "../tool-names.ts";
import { booleanField, invalid, objectField, requiredString, restOf, stringField } from "./fields.ts";

const FUNCTION_KEYS: ReadonlySet<string> = new Set(["type", "name", "description", "parameters", "strict"]);

/** All tools of the request, namespaces flattened. Two different tools with one flat name are refused. */
export function readTools(body: JsonObject): Tool[] {
  const tools: Tool[] = [];
  const seen = new Map<string, { origin: string; at: number }>();
  for (const declared of declaredTools(body)) {
    const tool = readTool(declared);
    if (tool.kind === "hosted") {
      tools.push(tool);
      continue;
    }
    const origin = JSON.stringify([tool.kind, declared.namespace?.name ?? null, asObject(declared.value)?.["name"]]);
    const before = seen.get(tool.name);
    if (before === undefined) {
      seen.set(tool.name, { origin, at: tools.length });
      tools.push(tool);
    } else if (before.origin === origin) {
      // Codex repeats its tools in later `additional_tools` items: the newest definition counts.
      tools[before.at] = tool;
    } else throw invalid(declared.path, `the name ${tool.name} belongs to two tools once namespaces are flattened`);
  }
  return tools;
}

function readTool(declared: DeclaredTool): Tool {
  const { value, path } = declared;
  if (!isObject(value)) throw invalid(path, "must be an object");
  const type = requiredString(value, "type", `${path}.type`);
  if (type === "function") return readFunction(value, declared);
  if (type === "custom") return readCustom(value, declared);
  const twin = twinOf(type);
  return { kind: "hosted", dialect: "openai-responses", type, value, ...(twin && { twin }) };
}

/** `web_search`, `web_search_preview`, `web_search_2025_08_26`, … */
function twinOf(type: string): HostedTwin | undefined {
  if (type.startsWith("web_search")) return "web_search";
  return type === "code_interpreter" ? "code_execution" : undefined;
}

function readFunction(value: JsonObject, declared: DeclaredTool): FunctionTool {
  const { path } = declared;
  const name = flatToolName(declared.namespace?.name, requiredString(value, "name", `${path}.name`));
  const tool: FunctionTool = { kind: "function", name };
  const description = describe(value, declared);
  if (description !== undefined) tool.description = description;
  const parameters = objectField(value, "parameters", `${path}.parameters`);
  if (parameters !== undefined) tool.parameters = parameters;
  const strict = booleanField(value, "strict");
  if (strict !== undefined) tool.strict = strict;
  const extra = restOf(value, FUNCTION_KEYS);
  if (extra !== undefined) tool.extra = extra;
  return tool;
}

function readCustom(value: JsonObject, declared: DeclaredTool): CustomTool {
  const { path } = declared;
  const name = flatToolName(declared.namespace?.name, requiredString(value, "name", `${path}.name`));
  const tool: CustomTool = { kind: "custom", name };
  const description = describe(value, declared);
  if (description !== undefined) tool.description = description;
  const format = objectField(value, "format", `${path}.format`);
  if (format !== undefined) tool.format = format;
  return tool;
}

/** What a namespace says of its tools is told once, with the first of them: there is no other place for it. */
function describe(value: JsonObject, { namespace, path }: DeclaredTool): string | undefined {
  const own = stringField(value, "description", `${path}.description`);
  if (!namespace?.first || namespace.description === "") return own;
  const about = `About the tools named ${namespace.name}__*: ${namespace.description}`;
  return own === undefined || own === "" ? about : `${own}\n\n${about}`;
}

/** Undefined for absent, and for choices of a hosted tool: those stay in `extra`, since only OpenAI can keep them. */
export function readToolChoice(body: JsonObject): ToolChoice | undefined {
  const value = body["tool_choice"];
  if (value === undefined || value === null) return undefined;
  if (value === "auto" || value === "none" || value === "required") return { mode: value };
  if (!isObject(value)) throw invalid("tool_choice", "must be auto, none, required or an object");
  switch (value["type"]) {
    case "function":
    case "custom":
      return { mode: "tool", name: chosenName(value, "tool_choice") };
    case "allowed_tools": {
      const names = (asArray(value["tools"]) ?? []).map((tool, index) => {
        if (!isObject(tool)) throw invalid(`tool_choice.tools[${index}]`, "must be an object");
        // A hosted tool is known by its type alone.
        return asString(tool["name"]) === undefined
          ? requiredString(tool, "type", `tool_choice.tools[${index}].type`)
          : chosenName(tool, `tool_choice.tools[${index}]`);
      });
      return { mode: "allowed", names, required: value["mode"] === "required" };
    }
    default:
      return undefined;
  }
}

function chosenName(value: JsonObject, path: string): string {
  return flatToolName(asString(value["namespace"]), requiredString(value, "name", `${path}.name`));
}
