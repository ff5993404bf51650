import { RouterError } from "../../../core/errors.ts";
import { isObject, type Json, type JsonObject } from "../../../core/json.ts";
import type { PluginCall } from "../../../core/request.ts";

/** `null` is OpenAI's way to say "not set", so every reader here takes it for absent. */

export function badField(param: string, problem: string): RouterError {
  return new RouterError("bad_request", `\`${param}\` ${problem}`, { param });
}

export function numberField(body: JsonObject, name: string, path = name): number | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number") throw badField(path, "must be a number");
  return value;
}

export function stringField(body: JsonObject, name: string, path = name): string | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw badField(path, "must be a string");
  return value;
}

export function booleanField(body: JsonObject, name: string, path = name): boolean | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "boolean") throw badField(path, "must be true or false");
  return value;
}

export function objectField(body: JsonObject, name: string, path = name): JsonObject | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw badField(path, "must be an object");
  return value;
}

/** The objects of a list; an entry that is none is refused by its position. */
export function objectListField(body: JsonObject, name: string, path = name): JsonObject[] {
  const value = body[name];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw badField(path, "must be an array");
  return value.map((entry, index) => objectEntry(entry, `${path}[${index}]`));
}

export function objectEntry(entry: Json, path: string): JsonObject {
  if (!isObject(entry)) throw badField(path, "must be an object");
  return entry;
}

/** What is in `body` beside the fields named; nulls say nothing and are left out. */
export function remainder(body: JsonObject, known: ReadonlySet<string>): JsonObject {
  const unknown: [string, Json][] = [];
  for (const name in body) {
    const value = body[name];
    if (!known.has(name) && value !== null && value !== undefined) unknown.push([name, value]);
  }
  return unknown.length === 0 ? {} : Object.fromEntries(unknown);
}

/** The router's own top-level field: which plugins this request wants, with their settings. */
export function readPlugins(body: JsonObject): PluginCall[] {
  return objectListField(body, "plugins").map((entry, index) => {
    const { id, ...settings } = entry;
    if (typeof id !== "string" || id === "") throw badField(`plugins[${index}].id`, "must be the id of a plugin");
    return { id, settings };
  });
}
