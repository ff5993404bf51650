import { createRequire } from "node:module";
import { z } from "zod";
import { fitOf, type SchemaChecker } from "../../core/bounded/check-schema.ts";
import { tryParseJson } from "../../core/json.ts";
import { textOf } from "../../core/part.ts";
import type { ChatRequest } from "../../core/request.ts";
import type { ChatResponse } from "../../core/response.ts";
import { defineClassifier, type ResponseClassifier } from "../classifier.ts";

/** Tags an answer that was to be JSON and is none, or not of the schema that was asked for. */
export const jsonInvalid = defineClassifier({
  name: "json-invalid",
  schema: z.strictObject({}),
  create: (): ResponseClassifier => ({
    id: "json-invalid",
    classify: (response, { request }) => (isInvalid(response, request) ? ["json-invalid"] : []),
  }),
});

/** A call of a tool, or a refusal, is an answer of another kind. A schema that cannot be checked accuses nobody. */
function isInvalid({ parts, finish, omitted }: ChatResponse, { output }: ChatRequest): boolean {
  if (!output || omitted !== undefined || finish.reason === "refusal") return false;
  if (parts.some(({ type }) => type === "refusal")) return false;
  const text = textOf(parts);
  if (text === "" && parts.some(({ type }) => type === "tool-call")) return false;
  const value = tryParseJson(text);
  if (value === undefined) return true;
  return output.kind === "json_schema" && fitOf(value, output.schema, checker()).fits === false;
}

/** Loaded with the first schema. */
function checker(): SchemaChecker {
  const loaded: typeof import("@cfworker/json-schema") = createRequire(import.meta.url)("@cfworker/json-schema");
  return loaded.Validator;
}
