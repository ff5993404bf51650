import { asArray, asString, isObject, type Json, type JsonObject } from "../core/json.ts";

/** The answer a body of OpenAI's Responses goes on from. */
export function previousOf(body: JsonObject): string | undefined {
  return asString(body["previous_response_id"]);
}

/** Whether a body of any API ends in the results of tool calls, or in what only points at something earlier. */
export function bringsResults(body: JsonObject): boolean {
  const last = lastOf(body["messages"]) ?? lastOf(body["input"]) ?? lastOf(body["contents"]);
  if (!isObject(last)) return false;
  const type = asString(last["type"]) ?? "";
  if (last["role"] === "tool" || type.endsWith("_call_output") || type === "item_reference") return true;
  const parts = [...(asArray(last["content"]) ?? []), ...(asArray(last["parts"]) ?? [])];
  return parts.some(
    (part) => isObject(part) && (part["type"] === "tool_result" || part["functionResponse"] !== undefined),
  );
}

function lastOf(list: Json | undefined): Json | undefined {
  return asArray(list)?.at(-1);
}
