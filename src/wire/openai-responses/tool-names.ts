import { asArray, asString, isObject, type Json, type JsonObject, objectsOf } from "../../core/json.ts";
import { legalToolId, PLAIN_ID } from "../tools/ids.ts";

/** A tool as the client declared it: perhaps inside a namespace, at the top or in an `additional_tools` item. */
export interface DeclaredTool {
  value: Json;
  namespace?: { name: string; description: string; first: boolean };
  /** Where it stands in the body, for error messages. */
  path: string;
}

/** What the client calls a tool whose flat name we sent on. */
export interface ToolOrigin {
  name: string;
  namespace?: string;
  kind: "function" | "custom";
}

/** Other APIs have no namespaces: `<namespace>__<name>`, cut with a hash where that is more than 64 characters. */
export function flatToolName(namespace: string | undefined, name: string): string {
  if (namespace === undefined || namespace === "") return name;
  return legalToolId(`${namespace}__${name}`, { pattern: PLAIN_ID, max: 64 });
}

/** Every tool of the request, in order; Codex puts them into an input item for its newest models. */
export function declaredTools(body: JsonObject): DeclaredTool[] {
  const found: DeclaredTool[] = [];
  collect(asArray(body["tools"]) ?? [], "tools", found);
  (asArray(body["input"]) ?? []).forEach((item, index) => {
    if (isObject(item) && item["type"] === "additional_tools")
      collect(asArray(item["tools"]) ?? [], `input[${index}].tools`, found);
  });
  return found;
}

function collect(tools: Json[], path: string, found: DeclaredTool[]): void {
  tools.forEach((value, index) => {
    const here = `${path}[${index}]`;
    if (!isObject(value) || value["type"] !== "namespace") {
      found.push({ value, path: here });
      return;
    }
    const name = asString(value["name"]) ?? "";
    const description = asString(value["description"]) ?? "";
    (asArray(value["tools"]) ?? []).forEach((inner, at) => {
      found.push({ value: inner, namespace: { name, description, first: at === 0 }, path: `${here}.tools[${at}]` });
    });
  });
}

/** Flat name → what the client calls it, for the tools it runs itself. Made anew from the body when the answer is written. */
export function toolOrigins(body: JsonObject): ReadonlyMap<string, ToolOrigin> {
  const origins = new Map<string, ToolOrigin>();
  for (const tool of declaredTools(body)) {
    const [value] = objectsOf([tool.value]);
    const name = asString(value?.["name"]);
    const kind = value?.["type"];
    if (name === undefined || (kind !== "function" && kind !== "custom")) continue;
    const namespace = tool.namespace?.name;
    origins.set(flatToolName(namespace, name), namespace === undefined ? { name, kind } : { name, namespace, kind });
  }
  return origins;
}
