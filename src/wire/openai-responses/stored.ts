import { asString, isObject, type Json, type JsonObject, objectsOf } from "../../core/json.ts";

/** The items of `input`; a bare string is the message it stands for. */
export function inputItems(input: Json | undefined): Json[] {
  if (typeof input === "string") return input === "" ? [] : [{ type: "message", role: "user", content: input }];
  return Array.isArray(input) ? input : [];
}

/** The id an item points at, if it is but a reference to an earlier one. */
export function referenceOf(item: Json): string | undefined {
  if (!isObject(item)) return undefined;
  const bare = item["type"] === undefined && item["role"] === undefined;
  return bare || item["type"] === "item_reference" ? asString(item["id"]) : undefined;
}

/**
 * Output items of an earlier answer as input of the next: without the ids that only the answer had, and without reasoning
 * nobody can read any more.
 */
export function asInput(output: Json | undefined): JsonObject[] {
  return objectsOf(output).flatMap((item) => {
    if (item["type"] === "reasoning") return typeof item["encrypted_content"] === "string" ? [item] : [];
    const { id: _, status: __, ...rest } = item;
    return [rest];
  });
}

/** The body with all that it only pointed at written out. */
export function writtenOut(body: JsonObject, items: Json[]): JsonObject {
  const { previous_response_id: _, ...rest } = body;
  return { ...rest, input: items };
}
