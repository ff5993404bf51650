import { shapeFault } from "./json-shape.ts";

/** A value as `JSON.parse` gives it. Everything that comes from outside is this until somebody has looked. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json | undefined;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function asObject(value: Json | undefined): JsonObject | undefined {
  return isObject(value) ? value : undefined;
}

export function asArray(value: Json | undefined): Json[] | undefined {
  return Array.isArray(value) ? value : undefined;
}

export function asString(value: Json | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

export function asNumber(value: Json | undefined): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

export function asBoolean(value: Json | undefined): boolean | undefined {
  return typeof value === "boolean" ? value : undefined;
}

/** The objects of a list; anything else in it is passed over. */
export function objectsOf(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/**
 * Sets a property whose name comes from outside: by a plain assignment `__proto__` would set the prototype, from which values are then
 * inherited.
 */
export function setOwn<V>(object: { [key: string]: V }, key: string, value: V): void {
  if (key === "__proto__")
    Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
  else object[key] = value;
}

/** `Object.assign`, likewise. */
export function assignOwn(object: JsonObject, more: JsonObject | undefined): void {
  for (const [key, value] of Object.entries(more ?? {})) setOwn(object, key, value);
}

/** What an object has itself: `constructor` and the like are not inherited. */
export function ownOf(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** Parses JSON text; undefined when it is not JSON, or of a shape that takes long. For text whose brokenness is an ordinary case. */
export function tryParseJson(text: string): Json | undefined {
  if (shapeFault(text) !== undefined) return undefined;
  try {
    const value: Json = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}
