import type { Validator } from "@cfworker/json-schema";
import type { Json, JsonObject } from "../json.ts";
import { inTime, isTimeout } from "./in-time.ts";

/** Whether a value fits a schema; where it does not, the first place and rule; or why nobody knows. */
export type Fit = { fits: true } | { fits: false; at: string; keyword: string } | { fits: "unknown"; why: string };

export type SchemaChecker = typeof Validator;

/** A client's schema may hold patterns that take for ever. */
const CHECK_MS = 25;

/** Never throws. */
export function fitOf(value: Json, schema: JsonObject, Checker: SchemaChecker): Fit {
  try {
    const { valid, errors } = inTime(CHECK_MS, () => new Checker(schema, draftOf(schema), true).validate(value));
    if (valid) return { fits: true };
    // The innermost: those around it say only that something in them is wrong.
    const error = errors.at(-1);
    return { fits: false, at: placeOf(error?.instanceLocation ?? "#", schema), keyword: error?.keyword ?? "" };
  } catch (error) {
    return { fits: "unknown", why: isTimeout(error) ? "checking it takes too long" : "the schema cannot be checked" };
  }
}

/** A place without the answer's own words, since it goes into the log: of names, those the schema has; indexes. */
function placeOf(location: string, schema: JsonObject): string {
  const written = JSON.stringify(schema);
  const isTold = (name: string) => /^\d{1,5}$/.test(name) || written.includes(`${JSON.stringify(name)}:`);
  const [root = "#", ...names] = location.slice(0, 200).split("/");
  return [root, ...names.map((name) => (isTold(name) ? name : "*"))].join("/");
}

function draftOf({ $schema }: JsonObject): "4" | "7" | "2019-09" | "2020-12" {
  const name = typeof $schema === "string" ? $schema : "";
  if (name.includes("draft-04")) return "4";
  if (name.includes("draft-07") || name.includes("draft-06")) return "7";
  return name.includes("2019-09") ? "2019-09" : "2020-12";
}
