import type { JsonObject } from "../../core/json.ts";
import type { ModelInfo } from "../../core/model.ts";

/**
 * The answer to Codex's `GET /v1/models?client_version=…`. An entry that lacks one of the many fields of Codex's own model
 * type makes it throw the whole list away, and the fields differ from version to version; an empty list makes it go by the
 * model's name, which always works. So nothing is told of the models that are known.
 */
export function writeCodexModels(_models: readonly ModelInfo[]): JsonObject {
  return { models: [] };
}
