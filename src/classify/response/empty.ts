import { z } from "zod";
import type { ChatResponse } from "../../core/response.ts";
import { defineClassifier, type ResponseClassifier } from "../classifier.ts";

/** Tags an answer in which nothing is to be seen: no text but blanks, no refusal, no call of a tool. */
export const empty = defineClassifier({
  name: "empty",
  schema: z.strictObject({}),
  create: (): ResponseClassifier => ({ id: "empty", classify: (response) => (isEmpty(response) ? ["empty"] : []) }),
});

/** Thinking alone is no answer. What a provider's own tools brought is one that other words do not tell. */
function isEmpty({ parts, omitted = 0 }: ChatResponse): boolean {
  if (omitted > 0) return false;
  return !parts.some((part) => {
    if (part.type === "reasoning") return false;
    return (part.type !== "text" && part.type !== "refusal") || /\S/.test(part.text);
  });
}
