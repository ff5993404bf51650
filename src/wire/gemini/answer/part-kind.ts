import { isObject, type JsonObject } from "../../../core/json.ts";

/** Say something of a part, and not what it is. */
const BESIDE_KIND = new Set(["partMetadata", "videoMetadata", "mediaResolution"]);

/** What kind of part it is, such as `inlineData`, of those no reader knows; undefined when it is none, or more than one. */
export function partKind(part: JsonObject): string | undefined {
  if ("text" in part || "functionCall" in part) return undefined;
  const [kind, another] = Object.keys(part).filter((key) => isObject(part[key]) && !BESIDE_KIND.has(key));
  return kind !== "" && another === undefined ? kind : undefined;
}
