import { z } from "zod";
import { isObject, type JsonObject, ownOf } from "../../core/json.ts";
import { didYouMean } from "../nearest.ts";
import type { Path } from "../positions.ts";
import type { Problem } from "../problem.ts";

/** Checks a value against a schema. Its problems name places under `path`; `alsoAllowed` are keys taken off before. */
export function problemsOf(
  schema: z.ZodType,
  value: unknown,
  path: Path = [],
  alsoAllowed: readonly string[] = [],
): Problem[] {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return [];
  return result.error.issues.flatMap((issue) => explain(issue, schema, path, alsoAllowed));
}

export function error(path: Path, message: string): Problem {
  return { severity: "error", path, message };
}

export function warning(path: Path, message: string): Problem {
  return { severity: "warning", path, message };
}

/** `allowed: "a", "b", did you mean "b"?` for a value that is none of `names`. */
export function allowedNames(wrong: unknown, names: readonly string[]): string {
  const list = names.length === 0 ? "none" : names.map((name) => JSON.stringify(name)).join(", ");
  return `allowed: ${list}${typeof wrong === "string" ? didYouMean(wrong, names) : ""}`;
}

function explain(issue: z.core.$ZodIssue, schema: z.ZodType, base: Path, alsoAllowed: readonly string[]): Problem[] {
  const inner = issue.path.filter((part) => typeof part !== "symbol");
  const path = [...base, ...inner];
  if (issue.code === "invalid_union") return explainUnion(issue.errors, path);
  if (issue.code !== "unrecognized_keys") return [error(path, describe(issue))];
  const allowed = [...(inner.length === 0 ? alsoAllowed : []), ...keysAt(jsonSchemaOf(schema), inner)];
  const what = issue.path.length === 0 && base.length === 0 ? "section" : "key";
  return issue.keys.map((key) =>
    error([...path, key], `unknown ${what}, allowed: ${allowed.join(", ")}${didYouMean(key, allowed)}`),
  );
}

/** In words. Shows types and enum words only: a value may be somebody's key. */
function describe(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      if (issue.input === undefined) return `is missing; it must be ${expected(issue.expected)}`;
      return `must be ${expected(issue.expected)}, not ${typeName(issue.input)}`;
    case "invalid_value": {
      const names = issue.values.map(String);
      if (typeof issue.input !== "string")
        return `must be a string, not ${typeName(issue.input)}, ${allowedNames("", names)}`;
      return `${JSON.stringify(issue.input)} is not one of its values, ${allowedNames(issue.input, names)}`;
    }
    case "too_small":
      if (issue.origin === "string" || (issue.origin === "array" && issue.minimum === 1)) return "must not be empty";
      return `must be ${issue.inclusive === false ? "more than" : "at least"} ${issue.minimum}`;
    case "too_big":
      return `must be ${issue.inclusive === false ? "less than" : "at most"} ${issue.maximum}`;
    default:
      return issue.message;
  }
}

/** A branch whose problems lie inside the value took its type: those are meant. Else the types that would do. */
function explainUnion(branches: readonly (readonly z.core.$ZodIssue[])[], path: Path): Problem[] {
  const entered = branches.find((issues) => issues.some((issue) => issue.path.length > 0));
  if (entered !== undefined) return entered.flatMap((issue) => explain(issue, z.unknown(), path, []));
  const issues = branches.flat();
  const types = issues.flatMap((issue) => ("expected" in issue ? [expected(issue.expected)] : []));
  return [error(path, `must be ${[...new Set(types)].join(" or ") || "another value"}`)];
}

const TYPE_WORDS: ReadonlyMap<string, string> = new Map([
  ["string", "a string"],
  ["number", "a number"],
  ["int", "a whole number"],
  ["boolean", "true or false"],
  ["array", "an array"],
  ["object", "a table"],
  ["record", "a table"],
]);

function expected(type: string): string {
  return TYPE_WORDS.get(type) ?? type;
}

function typeName(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  if (value instanceof Date) return "a date";
  if (typeof value === "number" && !Number.isInteger(value))
    return Number.isFinite(value) ? "a fraction" : String(value);
  if (typeof value === "boolean") return String(value);
  return isObject(value) ? "a table" : `a ${typeof value}`;
}

/** The names of the keys a schema takes at a path in it. */
function keysAt(schema: JsonObject, path: Path): string[] {
  let at: unknown = schema;
  for (const part of path) {
    at = candidatesOf(at)
      .map((one) => childOf(one, part))
      .find((child) => child !== undefined);
  }
  return candidatesOf(at).flatMap((one) => Object.keys(isObject(one["properties"]) ? one["properties"] : {}));
}

function candidatesOf(schema: unknown): JsonObject[] {
  if (!isObject(schema)) return [];
  const options = schema["anyOf"];
  return Array.isArray(options) ? options.filter(isObject) : [schema];
}

function childOf(schema: JsonObject, part: string | number): unknown {
  if (typeof part === "number") return schema["items"];
  const properties = schema["properties"];
  return (isObject(properties) ? ownOf(properties, part) : undefined) ?? schema["additionalProperties"];
}

/** As editors get it: with what defaults make optional. */
export function jsonSchemaOf(schema: z.ZodType): JsonObject {
  const json: unknown = z.toJSONSchema(schema, { io: "input", target: "draft-7", reused: "inline" });
  return isObject(json) ? json : {};
}
