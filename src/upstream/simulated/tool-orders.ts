import type { ChatRequest, CustomTool, FunctionTool } from "../../core/request.ts";
import { minimalValue } from "./schema-value.ts";

export interface ToolOrder {
  tool: FunctionTool | CustomTool;
  arguments: string;
}

/**
 * The calls to make: those the prompt orders as `call tool NAME {json}` (the JSON may be left out), of tools that are
 * declared and allowed; else one of the tool the request demands.
 */
export function toolOrders(request: ChatRequest, text: string): ToolOrder[] {
  const allowed = allowedTools(request);
  if (allowed.length === 0) return [];
  const asked = ordersIn(text, allowed);
  const orders = asked.length > 0 ? asked : demanded(request, allowed);
  return request.parallelToolCalls === false ? orders.slice(0, 1) : orders;
}

/** The calls a reply makes: name = arguments, of tools that are declared and allowed. */
export function toolsCalled(request: ChatRequest, calls: Readonly<Record<string, unknown>>): ToolOrder[] {
  const allowed = allowedTools(request);
  return Object.entries(calls).flatMap(([name, input]) => {
    const tool = allowed.find((one) => one.name === name);
    return tool === undefined ? [] : [{ tool, arguments: JSON.stringify(input) }];
  });
}

function allowedTools(request: ChatRequest): ToolOrder["tool"][] {
  const declared = request.tools.filter((tool) => tool.kind !== "hosted");
  const choice = request.toolChoice;
  switch (choice?.mode) {
    case "none":
      return [];
    case "tool":
      return declared.filter(({ name }) => name === choice.name);
    case "allowed":
      return declared.filter(({ name }) => choice.names.includes(name));
    default:
      return declared;
  }
}

function ordersIn(text: string, allowed: readonly ToolOrder["tool"][]): ToolOrder[] {
  const orders: ToolOrder[] = [];
  for (const match of text.matchAll(/\bcall tool [`"']?([\w.:/-]+)[`"']?\s*/gi)) {
    const [whole, name = ""] = match;
    const tool = allowed.find((one) => one.name === name) ?? allowed.find((one) => one.name === withoutStop(name));
    if (tool === undefined) continue;
    orders.push({ tool, arguments: bracedAt(text, match.index + whole.length) ?? usualArguments(tool) });
  }
  return orders;
}

/** `call tool NAME.` at the end of a sentence. */
function withoutStop(name: string): string {
  return name.replace(/(?<![.:/-])[.:/-]+$/, "");
}

function demanded(request: ChatRequest, allowed: readonly ToolOrder["tool"][]): ToolOrder[] {
  const choice = request.toolChoice;
  const must =
    choice?.mode === "required" || choice?.mode === "tool" || (choice?.mode === "allowed" && choice.required);
  const [tool] = allowed;
  return must && tool !== undefined ? [{ tool, arguments: usualArguments(tool) }] : [];
}

function usualArguments(tool: ToolOrder["tool"]): string {
  if (tool.kind === "custom") return "simulated input";
  return JSON.stringify(minimalValue({ type: "object", ...tool.parameters }));
}

/** The text from the brace at `from` to the one that closes it, as written: broken JSON may be what somebody wants to try. */
function bracedAt(text: string, from: number): string | undefined {
  if (text[from] !== "{") return undefined;
  let depth = 0;
  let quoted = false;
  for (let at = from; at < text.length; at++) {
    const char = text[at];
    if (quoted && char === "\\") at++;
    else if (char === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (char === "{") depth++;
    else if (char === "}" && --depth === 0) return text.slice(from, at + 1);
  }
  return undefined;
}
