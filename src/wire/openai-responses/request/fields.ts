import { RouterError } from "../../../core/errors.ts";
import type { Json, JsonObject } from "../../../core/json.ts";
import { isObject, setOwn } from "../../../core/json.ts";

/** Refuses a request as the API itself would, naming the field. */
export function invalid(param: string, expected: string): RouterError {
  return new RouterError("bad_request", `${param}: ${expected}`, { param });
}

/** A field of the wanted type; absent and null are the same; any other type is refused. */
export function stringField(body: JsonObject, name: string, path = name): string | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw invalid(path, "must be a string");
  return value;
}

export function requiredString(body: JsonObject, name: string, path = name): string {
  const value = stringField(body, name, path);
  if (value === undefined || value === "") throw invalid(path, "is required");
  return value;
}

export function numberField(body: JsonObject, name: string): number | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number" || !Number.isFinite(value)) throw invalid(name, "must be a number");
  return value;
}

export function booleanField(body: JsonObject, name: string): boolean | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "boolean") throw invalid(name, "must be true or false");
  return value;
}

export function objectField(body: JsonObject, name: string, path = name): JsonObject | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw invalid(path, "must be an object");
  return value;
}

export function arrayField(body: JsonObject, name: string, path = name): Json[] | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) throw invalid(path, "must be an array");
  return value;
}

/** What is left of an object when the named keys are taken out; undefined when nothing is. Null says nothing. */
export function restOf(object: JsonObject, known: ReadonlySet<string>): JsonObject | undefined {
  let rest: JsonObject | undefined;
  for (const [key, value] of Object.entries(object)) {
    if (known.has(key) || value === undefined || value === null) continue;
    rest ??= {};
    setOwn(rest, key, value);
  }
  return rest;
}
