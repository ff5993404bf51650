import { asNumber, asString, isObject, type Json, type JsonObject } from "../../../../core/json.ts";
import { camelCase } from "./read-fields.ts";

/** What lies deeper stays as it is: hostile nesting would take the whole stack. */
const MAX_DEPTH = 100;

const TYPES = new Set(["STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT", "NULL"]);
/** Keywords whose value is a schema or a list of them, and those with a schema under each name. */
const INNER = new Set(["items", "additionalProperties", "not", "anyOf", "oneOf", "allOf", "prefixItems", "contains"]);
const NAMED = new Set(["properties", "patternProperties", "$defs", "definitions", "defs"]);
/** Counts are 64-bit numbers, which protocol buffers write as strings. */
const COUNTS = new Set(["minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"]);

/**
 * A schema of the client's as JSON Schema. Gemini's own kind is that of OpenAPI 3.0 (types in capitals, `nullable`, property
 * order apart), and its clients mix the two: Gemini CLI sends capitals in `responseJsonSchema`. What is JSON Schema already
 * stays the very same object, since its key order is part of the prompt cache's key.
 */
export function readSchema(schema: JsonObject): JsonObject {
  return isOpenApi(schema, 0) ? convert(schema, 0) : schema;
}

function isOpenApi(value: Json | undefined, depth: number): boolean {
  if (depth > MAX_DEPTH || typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return value.some((entry) => isOpenApi(entry, depth + 1));
  const { type, nullable, propertyOrdering, property_ordering: ordering } = value;
  if (TYPES.has(asString(type) ?? "") || type === "TYPE_UNSPECIFIED") return true;
  if (typeof nullable === "boolean" || Array.isArray(propertyOrdering) || Array.isArray(ordering)) return true;
  return Object.entries(value).some(([key, inner]) => key !== "enum" && isOpenApi(inner, depth + 1));
}

function convert(schema: JsonObject, depth: number): JsonObject {
  if (depth > MAX_DEPTH) return schema;
  const entries: [string, Json][] = [];
  let nullable = false;
  let ordering: readonly Json[] = [];
  for (const [name, value] of Object.entries(schema)) {
    const key = name.startsWith("$") ? name : camelCase(name);
    if (value === undefined) continue;
    if (key === "nullable") nullable = value === true;
    else if (key === "propertyOrdering") ordering = Array.isArray(value) ? value : [];
    else if (key === "type" && value === "TYPE_UNSPECIFIED") continue;
    else if (key === "example") entries.push(["examples", [value]]);
    else entries.push([key, convertKeyword(key, value, depth)]);
  }
  const converted: JsonObject = Object.fromEntries(entries);
  const { properties } = converted;
  if (isObject(properties) && ordering.length > 0) converted["properties"] = inOrder(properties, ordering);
  return nullable ? withNull(converted) : converted;
}

function convertKeyword(key: string, value: Json, depth: number): Json {
  if (key === "type") return plainType(value);
  if (COUNTS.has(key)) return asNumber(value) ?? (Number.isFinite(Number(value)) ? Number(value) : value);
  if (INNER.has(key)) {
    if (Array.isArray(value)) return value.map((inner) => (isObject(inner) ? convert(inner, depth + 1) : inner));
    return isObject(value) ? convert(value, depth + 1) : value;
  }
  if (!NAMED.has(key) || !isObject(value)) return value;
  const named = Object.entries(value).map(([name, inner]) => [
    name,
    isObject(inner) ? convert(inner, depth + 1) : inner,
  ]);
  return Object.fromEntries(named);
}

function plainType(value: Json): Json {
  if (Array.isArray(value)) return value.map(plainType);
  return typeof value === "string" && TYPES.has(value) ? value.toLowerCase() : value;
}

/** The order in which values are generated is in JSON Schema that of the properties. */
function inOrder(properties: JsonObject, ordering: readonly Json[]): JsonObject {
  const first = ordering.filter((name) => typeof name === "string" && Object.hasOwn(properties, name)).map(String);
  const names = new Set([...first, ...Object.keys(properties)]);
  return Object.fromEntries([...names].map((name) => [name, properties[name]]));
}

function withNull(schema: JsonObject): JsonObject {
  const { type, anyOf, enum: values } = schema;
  if (Array.isArray(anyOf)) return { ...schema, anyOf: [...anyOf, { type: "null" }] };
  return {
    ...schema,
    ...(typeof type === "string" && { type: [type, "null"] }),
    ...(Array.isArray(values) && !values.includes(null) && { enum: [...values, null] }),
  };
}
