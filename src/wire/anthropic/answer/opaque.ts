import { asString, isObject, type JsonObject } from "../../../core/json.ts";
import type { OpaquePart } from "../../../core/part.ts";
import type { Lost } from "../../loss/lost.ts";
import { writeSearch } from "../hosted.ts";

/** A block of Anthropic's own as it is; a search another provider ran as Anthropic shows searches. */
export function answerBlocks(part: OpaquePart, lost: Lost): JsonObject[] {
  if (part.dialect === "anthropic" && isObject(part.value) && asString(part.value["type"])) return [part.value];
  if (part.search) return writeSearch(part.search);
  lost(part.what);
  return [];
}
