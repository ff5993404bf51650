import { asArray, asObject, asString, type Json, type JsonObject, objectsOf } from "../../src/core/json.ts";

export interface GeminiCall {
  id: string;
  name: string;
  args: string;
}

/** The calls of an answer; those whose arguments come piece by piece (`partialArgs`) put together. */
export function geminiCalls(values: JsonObject[]): GeminiCall[] {
  const calls: { call: JsonObject; args: JsonObject }[] = [];
  for (const value of values) {
    const content = asObject(objectsOf(value["candidates"])[0]?.["content"]);
    for (const part of objectsOf(content?.["parts"])) {
      const call = asObject(part["functionCall"]);
      if (!call) continue;
      if (asString(call["name"])) calls.push({ call, args: { ...asObject(call["args"]) } });
      const open = calls.at(-1);
      for (const piece of objectsOf(call["partialArgs"])) if (open) setPiece(open.args, piece);
    }
  }
  return calls.map(({ call, args }) => ({
    id: asString(call["id"]) ?? "",
    name: asString(call["name"]) ?? "",
    args: JSON.stringify(args),
  }));
}

/** `{jsonPath: "$.list[0].name", stringValue: "more"}`: a text goes on where one is. */
function setPiece(root: JsonObject, piece: JsonObject): void {
  const path = (asString(piece["jsonPath"]) ?? "").match(/[^.[\]$]+/g) ?? [];
  let at: Json = root;
  for (const [step, name] of path.entries()) {
    const isLast = step === path.length - 1;
    const empty = /^\d+$/.test(path[step + 1] ?? "") ? [] : {};
    const before: Json | undefined = child(at, name);
    const text = piece["stringValue"];
    const added =
      typeof text === "string" ? (asString(before) ?? "") + text : (piece["numberValue"] ?? piece["boolValue"]);
    const value: Json = isLast ? (added ?? null) : (before ?? empty);
    const list = asArray(at);
    const object = asObject(at);
    if (list) list[Number(name)] = value;
    else if (object) object[name] = value;
    at = value;
  }
}

function child(value: Json, name: string): Json | undefined {
  return asArray(value)?.[Number(name)] ?? asObject(value)?.[name];
}
