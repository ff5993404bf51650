import { RouterError } from "../../../core/errors.ts";
import { isObject, type JsonObject } from "../../../core/json.ts";

/** Refuses a request as the API would: `messages.0.content: Input should be a valid list`. */
export function refuse(path: string, problem: string): never {
  throw new RouterError("bad_request", `${path}: ${problem}`, { param: path });
}

/** A field of the wanted type; absent and null are the same; any other type is refused, not passed over. */
export function stringField(owner: JsonObject, key: string, path = key): string | undefined {
  const value = owner[key];
  if (value === undefined || value === null || typeof value === "string") return value ?? undefined;
  return refuse(path, "Input should be a valid string");
}

export function numberField(owner: JsonObject, key: string, path = key): number | undefined {
  const value = owner[key];
  if (value === undefined || value === null || typeof value === "number") return value ?? undefined;
  return refuse(path, "Input should be a valid number");
}

export function booleanField(owner: JsonObject, key: string, path = key): boolean | undefined {
  const value = owner[key];
  if (value === undefined || value === null || typeof value === "boolean") return value ?? undefined;
  return refuse(path, "Input should be a valid boolean");
}

export function objectField(owner: JsonObject, key: string, path = key): JsonObject | undefined {
  const value = owner[key];
  if (value === undefined || value === null || isObject(value)) return value ?? undefined;
  return refuse(path, "Input should be an object");
}
