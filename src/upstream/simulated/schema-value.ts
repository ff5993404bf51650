import {
  asArray,
  asNumber,
  asObject,
  asString,
  type Json,
  type JsonObject,
  objectsOf,
  ownOf,
} from "../../core/json.ts";

/** Recursive schemas have to end somewhere. */
const MAX_DEPTH = 12;

/** The smallest value a JSON Schema lets through, as far as it is said with the usual keywords (not `pattern`, `not`, `if`). */
export function minimalValue(schema: JsonObject): Json {
  return valueFor(schema, schema, 0);
}

function valueFor(schema: JsonObject, root: JsonObject, depth: number): Json {
  if (depth > MAX_DEPTH) return null;
  const given = schema["const"] ?? asArray(schema["enum"])?.[0] ?? schema["default"];
  if (given !== undefined) return given;
  const reference = asString(schema["$ref"]);
  if (reference !== undefined) return valueFor(resolve(reference, root), root, depth + 1);
  const [choice] = objectsOf(schema["anyOf"] ?? schema["oneOf"]);
  if (choice !== undefined) return valueFor({ ...withoutChoices(schema), ...choice }, root, depth + 1);
  const all = objectsOf(schema["allOf"]);
  if (all.length > 0) return valueFor(merged(schema, all, root), root, depth + 1);
  switch (typeOf(schema)) {
    case "object":
      return objectFor(schema, root, depth);
    case "array":
      return arrayFor(schema, root, depth);
    case "string":
      return stringFor(schema);
    case "integer":
    case "number":
      return numberFor(schema);
    case "boolean":
      return false;
    default:
      return null;
  }
}

function typeOf(schema: JsonObject): string {
  const { type } = schema;
  if (Array.isArray(type)) return asString(type.find((one) => one !== "null")) ?? "null";
  if (typeof type === "string") return type;
  if (schema["properties"] !== undefined || schema["required"] !== undefined) return "object";
  return schema["items"] === undefined ? "string" : "array";
}

function objectFor(schema: JsonObject, root: JsonObject, depth: number): JsonObject {
  const properties = asObject(schema["properties"]) ?? {};
  const entries = (asArray(schema["required"]) ?? [])
    .filter((name) => typeof name === "string")
    .map((name): [string, Json] => [name, valueFor(asObject(ownOf(properties, name)) ?? {}, root, depth + 1)]);
  return Object.fromEntries(entries);
}

function arrayFor(schema: JsonObject, root: JsonObject, depth: number): Json[] {
  const first = objectsOf(schema["prefixItems"]);
  const length = Math.min(asNumber(schema["minItems"]) ?? 0, 100);
  return Array.from({ length }, (_, at) => valueFor(first[at] ?? asObject(schema["items"]) ?? {}, root, depth + 1));
}

const BY_FORMAT: ReadonlyMap<string, string> = new Map([
  ["date-time", "2026-01-01T00:00:00Z"],
  ["date", "2026-01-01"],
  ["time", "00:00:00Z"],
  ["duration", "PT0S"],
  ["email", "nobody@example.com"],
  ["hostname", "example.com"],
  ["ipv4", "127.0.0.1"],
  ["ipv6", "::1"],
  ["uri", "https://example.com/"],
  ["uuid", "00000000-0000-4000-8000-000000000000"],
]);

function stringFor(schema: JsonObject): string {
  const formatted = BY_FORMAT.get(asString(schema["format"]) ?? "");
  if (formatted !== undefined) return formatted;
  const longest = asNumber(schema["maxLength"]) ?? Number.POSITIVE_INFINITY;
  return "simulated".slice(0, longest).padEnd(Math.min(asNumber(schema["minLength"]) ?? 0, 10_000), ".");
}

/** The number nearest to 0 between the bounds. */
function numberFor(schema: JsonObject): number {
  const whole = typeOf(schema) === "integer";
  const step = asNumber(schema["multipleOf"]) ?? (whole ? 1 : 0);
  const above = asNumber(schema["exclusiveMinimum"]);
  const below = asNumber(schema["exclusiveMaximum"]);
  const gap = step || middleGap(above, below);
  const least = Math.max(asNumber(schema["minimum"]) ?? -Infinity, above === undefined ? -Infinity : above + gap);
  const most = Math.min(asNumber(schema["maximum"]) ?? Infinity, below === undefined ? Infinity : below - gap);
  const wanted = Math.min(Math.max(0, least), most);
  if (step === 0) return wanted;
  return (wanted > 0 ? Math.ceil(wanted / step) : Math.floor(wanted / step)) * step || 0;
}

function middleGap(above: number | undefined, below: number | undefined): number {
  return above !== undefined && below !== undefined ? (below - above) / 2 : 1;
}

function resolve(reference: string, root: JsonObject): JsonObject {
  let at: Json | undefined = root;
  for (const step of reference.replace(/^#\/?/, "").split("/")) {
    if (step === "") continue;
    const name = decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~");
    const here: JsonObject | undefined = asObject(at);
    at = here !== undefined && Object.hasOwn(here, name) ? here[name] : undefined;
  }
  return asObject(at) ?? {};
}

function withoutChoices(schema: JsonObject): JsonObject {
  const { anyOf: _any, oneOf: _one, ...rest } = schema;
  return rest;
}

function merged(schema: JsonObject, all: readonly JsonObject[], root: JsonObject): JsonObject {
  const { allOf: _all, ...rest } = schema;
  let whole: JsonObject = rest;
  for (const part of all) {
    const reference = asString(part["$ref"]);
    const more = reference === undefined ? part : resolve(reference, root);
    whole = {
      ...whole,
      ...more,
      properties: { ...asObject(whole["properties"]), ...asObject(more["properties"]) },
      required: [...(asArray(whole["required"]) ?? []), ...(asArray(more["required"]) ?? [])],
    };
  }
  return whole;
}
