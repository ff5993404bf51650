import { isObject, type JsonObject } from "../../../core/json.ts";
import type { OpaquePart } from "../../../core/part.ts";
import type { AnswerContext } from "../../format.ts";
import { writeSearch } from "../hosted.ts";

/** Tells that something of an answer has no place in Anthropic's API; of each kind of thing once. */
export type Lost = (what: string) => void;

export function tellOnce(context: AnswerContext): Lost {
  const told = new Set<string>();
  return (what) => {
    if (!told.has(what)) context.lost(what, "dropped");
    told.add(what);
  };
}

/** A block of Anthropic's own as it is; a search another provider ran as Anthropic shows searches. */
export function answerBlocks(part: OpaquePart, lost: Lost): JsonObject[] {
  if (part.dialect === "anthropic" && isObject(part.value)) return [part.value];
  if (part.search) return writeSearch(part.search);
  lost(part.what);
  return [];
}
