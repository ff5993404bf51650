import { RouterError } from "../../core/errors.ts";
import { isObject, type Json, type JsonObject } from "../../core/json.ts";

/** Readers of single fields: `null` and absent are the same (Go's decoder sees it so), a wrong type names the field. */

export function numberField(value: Json | undefined, param: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === "number" ? value : refuse(param, "a number");
}

export function stringField(value: Json | undefined, param: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === "string" ? value : refuse(param, "a string");
}

export function booleanField(value: Json | undefined, param: string): boolean | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === "boolean" ? value : refuse(param, "true or false");
}

export function objectField(value: Json | undefined, param: string): JsonObject | undefined {
  if (value === undefined || value === null) return undefined;
  return isObject(value) ? value : refuse(param, "an object");
}

/** The objects of a list, each of which has to be one. */
export function objectList(value: Json | undefined, param: string): JsonObject[] {
  return listField(value, param).map((item, at) => (isObject(item) ? item : refuse(`${param}[${at}]`, "an object")));
}

export function stringList(value: Json | undefined, param: string): string[] {
  return listField(value, param).map((item, at) =>
    typeof item === "string" ? item : refuse(`${param}[${at}]`, "a string"),
  );
}

function listField(value: Json | undefined, param: string): Json[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : refuse(param, "a list");
}

export function requiredString(value: Json | undefined, param: string): string {
  const text = stringField(value, param);
  if (text === undefined || text === "") throw new RouterError("bad_request", `${param} is required`, { param });
  return text;
}

export function refuse(param: string, expected: string): never {
  throw new RouterError("bad_request", `${param} must be ${expected}`, { param });
}
