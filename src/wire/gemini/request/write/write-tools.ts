import { isObject, type JsonObject } from "../../../../core/json.ts";
import type { CustomTool, FunctionTool, HostedTool, HostedTwin, ToolChoice } from "../../../../core/request.ts";
import { dropToolExtra } from "../../../loss/unknown-fields.ts";
import { asFunction } from "../../../tools/custom-input.ts";
import type { Draft } from "./draft.ts";

/** Gemini's own of the tools several APIs run. */
const TWINS: Readonly<Record<HostedTwin, string>> = {
  web_search: "googleSearch",
  web_fetch: "urlContext",
  code_execution: "codeExecution",
};
/** Keys of a hosted tool that say nothing of how it is to work. */
const NAMING: ReadonlySet<string> = new Set(["type", "name", "cache_control"]);

export interface WrittenTools {
  /** For `tools`. */
  tools: JsonObject[];
  /** Names of the function tools among them. */
  functions: ReadonlySet<string>;
  /** Hosted tools beside functions: their calls have to be told to the client. */
  mixed: boolean;
  strict: boolean;
}

export function writeTools(draft: Draft): WrittenTools {
  const { request, rules, losses } = draft;
  const declarations: JsonObject[] = [];
  const hosted: { field: string; tool: HostedTool }[] = [];
  request.tools.forEach((tool, index) => {
    const field = `tools[${index}]`;
    if (tool.kind === "hosted") hosted.push({ field, tool });
    else if (tool.kind === "function") declarations.push(writeFunction(tool, field, draft));
    else {
      losses.changed(field, "free-form tool sent as a function with one string, input");
      declarations.push(writeCustom(tool));
    }
  });
  const run =
    declarations.length > 0 && !rules.hostedBesideTools ? dropHosted(hosted, draft) : writeHosted(hosted, draft);
  const tools = [...(declarations.length > 0 ? [{ functionDeclarations: declarations }] : []), ...run];
  // With every tool gone the model would make up what it was to look up.
  if (tools.length === 0 && request.tools.length > 0) losses.reject("tools", "hosted tools of another provider");
  return {
    tools,
    functions: new Set(declarations.map(({ name }) => String(name))),
    mixed: declarations.length > 0 && run.length > 0,
    strict: request.tools.some((tool) => tool.kind === "function" && tool.strict === true),
  };
}

function dropHosted(hosted: readonly { field: string; tool: HostedTool }[], { losses }: Draft): JsonObject[] {
  for (const { field, tool } of hosted)
    losses.changed(`${field} (${tool.type})`, "dropped: the model takes no hosted tool beside functions");
  return [];
}

function writeHosted(hosted: readonly { field: string; tool: HostedTool }[], { losses }: Draft): JsonObject[] {
  const tools: JsonObject[] = [];
  for (const { field, tool } of hosted) {
    if (tool.dialect === "gemini") tools.push(tool.value);
    else if (tool.twin === undefined) losses.drop("hosted_tools", `${field} (${tool.type})`);
    else {
      for (const key of Object.keys(tool.value)) if (!NAMING.has(key)) losses.drop("unknown_fields", `${field}.${key}`);
      tools.push({ [TWINS[tool.twin]]: {} });
    }
  }
  return tools;
}

/** The schema goes as the client wrote it: `parametersJsonSchema` takes all of JSON Schema, `parameters` a subset. */
function writeFunction(tool: FunctionTool, field: string, { request, losses }: Draft): JsonObject {
  if (tool.cache) losses.drop("cache_marks", `${field}.cache_control`);
  dropToolExtra(tool, field, request.dialect, losses);
  const { name, description, parameters } = tool;
  return {
    name,
    ...(description !== undefined && { description: description.toWellFormed() }),
    ...(parameters && !isEmptyObject(parameters) && { parametersJsonSchema: parameters }),
  };
}

/** The API refuses an object without properties: a function without arguments has no schema. */
function isEmptyObject(schema: JsonObject): boolean {
  const { properties, type } = schema;
  const isBare = !["$ref", "anyOf", "oneOf", "allOf", "patternProperties"].some((key) => schema[key] !== undefined);
  const takesMore = schema["additionalProperties"] === true || isObject(schema["additionalProperties"]);
  const isEmpty = properties === undefined || (isObject(properties) && Object.keys(properties).length === 0);
  return (type === undefined || type === "object") && isBare && isEmpty && !takesMore;
}

function writeCustom(tool: CustomTool): JsonObject {
  const { name, description, parameters = {} } = asFunction(tool);
  return { name, ...(description !== undefined && { description }), parametersJsonSchema: parameters };
}

export interface WrittenChoice {
  /** `toolConfig.functionCallingConfig`. */
  config?: JsonObject;
  /** The model has to call a function, which rules out JSON output. */
  forced: boolean;
}

export function writeToolChoice(written: WrittenTools, { request, losses }: Draft): WrittenChoice {
  if (request.parallelToolCalls === false && written.functions.size > 0) losses.drop("parallel_tool_calls");
  const choice = request.toolChoice && settledChoice(request.toolChoice, written, losses);
  if (written.functions.size === 0) return { forced: false };
  const config = choice && choiceJson(choice);
  if (!written.strict || (config && config["mode"] !== "AUTO"))
    return { ...(config && { config }), forced: config?.["mode"] === "ANY" };
  losses.changed("tools.strict", "approximated: mode VALIDATED, for all tools");
  return { config: { ...config, mode: "VALIDATED" }, forced: false };
}

/** A choice that names only tools which are sent. */
function settledChoice(choice: ToolChoice, { functions }: WrittenTools, losses: Draft["losses"]): ToolChoice {
  if (functions.size === 0) {
    if (choice.mode !== "auto" && choice.mode !== "none")
      losses.changed("tool_choice", "dropped: no functions are sent");
    return { mode: "auto" };
  }
  if (choice.mode === "tool" && !functions.has(choice.name)) {
    losses.changed("tool_choice", `${choice.name}->auto: no such function is sent`);
    return { mode: "auto" };
  }
  if (choice.mode !== "allowed") return choice;
  const names = choice.names.filter((name) => functions.has(name));
  if (names.length > 0) return { ...choice, names };
  losses.changed("tool_choice", "allowed->none: none of the allowed functions is sent");
  return { mode: "none" };
}

function choiceJson(choice: ToolChoice): JsonObject {
  switch (choice.mode) {
    case "auto":
      return { mode: "AUTO" };
    case "none":
      return { mode: "NONE" };
    case "required":
      return { mode: "ANY" };
    case "tool":
      return { mode: "ANY", allowedFunctionNames: [choice.name] };
    case "allowed":
      // AUTO takes no list of names; VALIDATED is AUTO with one.
      return { mode: choice.required ? "ANY" : "VALIDATED", allowedFunctionNames: choice.names };
  }
}
