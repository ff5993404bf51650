import { z } from "zod";
import { tryParseJson } from "../../core/json.ts";
import { textOf } from "../../core/part.ts";
import type { ChatRequest } from "../../core/request.ts";
import type { ChatResponse } from "../../core/response.ts";
import { defineClassifier, type ResponseClassifier } from "../classifier.ts";

/** Tags an answer that was to be JSON and is none. */
export const jsonInvalid = defineClassifier({
  name: "json-invalid",
  schema: z.strictObject({}),
  create: (): ResponseClassifier => ({
    id: "json-invalid",
    classify: (response, { request }) => (isInvalid(response, request) ? ["json-invalid"] : []),
  }),
});

/** A call of a tool, or a refusal, is an answer of another kind. */
function isInvalid({ parts, finish, omitted }: ChatResponse, request: ChatRequest): boolean {
  if (!request.output || omitted !== undefined || finish.reason === "refusal") return false;
  const text = textOf(parts);
  if (text === "" && parts.some(({ type }) => type === "tool-call")) return false;
  if (parts.some(({ type }) => type === "refusal")) return false;
  return tryParseJson(text) === undefined;
}
