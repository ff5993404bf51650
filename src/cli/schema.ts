import { configJsonSchema } from "../config/json-schema.ts";
import type { Io } from "./io.ts";
import { KINDS } from "./kinds.ts";

/** `schema`: the JSON Schema of the config. */
export function schema(io: Io): number {
  io.out(JSON.stringify(configJsonSchema(KINDS), undefined, 2));
  return 0;
}
