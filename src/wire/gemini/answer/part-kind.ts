import { isObject, type JsonObject } from "../../../core/json.ts";

/** Say something of a part, and not what it is. */
const BESIDE_KIND = new Set(["partMetadata", "videoMetadata", "mediaResolution"]);

/** What kind of part it is, such as `inlineData`, of those that are objects; undefined when it is none, or more than one. */
export function partKind(part: JsonObject): string | undefined {
  const kinds = Object.keys(part).filter(
    (key) => key === "text" || key === "functionCall" || (isObject(part[key]) && !BESIDE_KIND.has(key)),
  );
  const [kind] = kinds;
  return kinds.length === 1 && kind && isObject(part[kind]) ? kind : undefined;
}
