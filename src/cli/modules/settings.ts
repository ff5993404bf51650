import { z } from "zod";
import { isObject, type JsonObject } from "../../core/json.ts";
import { ModuleFault } from "./fault.ts";

/** The checker's schema of what a module says of its settings: strict, unless it says otherwise. Throws `ModuleFault`. */
export function settingsSchema(said: unknown, key: string): z.ZodObject {
  if (said === undefined) return z.strictObject({});
  if (!isObject(said) || said["type"] !== "object" || !isObject(said["properties"])) {
    throw new ModuleFault(`its ${key} must be a JSON Schema: { type: "object", properties: { … } }`);
  }
  const schema = read({ additionalProperties: false, ...said }, key);
  if (schema instanceof z.ZodObject) return schema;
  throw new ModuleFault(
    `its ${key} must be a plain JSON Schema of an object, without allOf, anyOf and the like around it`,
  );
}

function read(said: JsonObject, key: string): z.ZodType {
  try {
    return z.fromJSONSchema(said);
  } catch (error) {
    throw new ModuleFault(`its ${key} is no JSON Schema: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Where in the settings provider names stand: `backups.*.provider`. */
export function providerPaths(said: unknown): string[][] {
  return stringsOf(said, "providers").map((path) => path.split("."));
}

export function stringsOf(said: unknown, key: string): string[] {
  if (said === undefined) return [];
  if (Array.isArray(said) && said.every((one) => typeof one === "string")) return said;
  throw new ModuleFault(`its ${key} must be a list of strings`);
}
