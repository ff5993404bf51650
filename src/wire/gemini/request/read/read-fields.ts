import { RouterError } from "../../../../core/errors.ts";
import { isObject, type Json, type JsonObject } from "../../../../core/json.ts";

/** Refuses a request as Google's servers do: the path of the field, and what is wrong with it. */
export function refuse(path: string, problem: string): never {
  throw new RouterError("bad_request", `${path}: ${problem}`, { param: path });
}

/** An object of the API under its camelCase names: Google's servers take `system_instruction` for `systemInstruction` too. */
export function camelKeys(json: JsonObject): JsonObject {
  let snake = false;
  for (const key in json) if (key.includes("_")) snake = true;
  if (!snake) return json;
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [camelCase(key), value]));
}

export function camelCase(name: string): string {
  return name.replace(/(?<=[a-z0-9])_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** An object field; `null` and absent are the same in protocol buffers. */
export function objectField(owner: JsonObject, key: string, path = key): JsonObject | undefined {
  const value = owner[key];
  if (value === undefined || value === null) return undefined;
  return isObject(value) ? camelKeys(value) : refuse(path, "must be an object");
}

export function stringField(owner: JsonObject, key: string, path = key): string | undefined {
  const value = owner[key];
  if (value === undefined || value === null) return undefined;
  return typeof value === "string" ? value : refuse(path, "must be a string");
}

export function booleanField(owner: JsonObject, key: string, path = key): boolean | undefined {
  const value = owner[key];
  if (value === undefined || value === null) return undefined;
  return typeof value === "boolean" ? value : refuse(path, "must be true or false");
}

/** Numbers may come as strings: that is how protocol buffers write those of 64 bits. */
export function numberField(owner: JsonObject, key: string, path = key): number | undefined {
  const value = owner[key];
  if (value === undefined || value === null) return undefined;
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : refuse(path, "must be a number");
}

/** The objects of a list; a single one may stand for a list of one. */
export function objectList(value: Json | undefined, path: string): JsonObject[] {
  if (value === undefined || value === null) return [];
  const list = Array.isArray(value) ? value : [value];
  return list.map((entry, at) => (isObject(entry) ? camelKeys(entry) : refuse(`${path}[${at}]`, "must be an object")));
}

export function stringList(owner: JsonObject, key: string, path = key): string[] {
  const value = owner[key];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) return refuse(path, "must be a list");
  return value.map((entry, at) => (typeof entry === "string" ? entry : refuse(`${path}[${at}]`, "must be a string")));
}

/** What is left of an object without these keys; undefined when nothing is. */
export function restOf(json: JsonObject, known: ReadonlySet<string>): JsonObject | undefined {
  const rest = Object.entries(json).filter(([key, value]) => !known.has(key) && value !== null && value !== undefined);
  return rest.length === 0 ? undefined : Object.fromEntries(rest);
}
