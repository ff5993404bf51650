import { asNumber, asObject, asString, isObject, type Json, type JsonObject, objectsOf } from "../../core/json.ts";
import type { ModelInfo } from "../../core/model.ts";

/** `GET /v1/models` as Anthropic answers it. */
export function writeModelList(models: ModelInfo[]): JsonObject {
  return {
    data: models.map(writeModel),
    has_more: false,
    first_id: models[0]?.id ?? null,
    last_id: models.at(-1)?.id ?? null,
  };
}

function writeModel(model: ModelInfo): JsonObject {
  return {
    type: "model",
    id: model.id,
    display_name: model.displayName ?? model.id,
    created_at: new Date(model.createdMs ?? 0).toISOString(),
    ...(model.contextLength !== undefined && { max_input_tokens: model.contextLength }),
  };
}

/** One page of a provider's list. Throws when the body is no list of models. */
export function readModels(body: Json): ModelInfo[] {
  const data = asObject(body)?.["data"];
  if (!Array.isArray(data)) throw new Error("the model list has no data");
  const models: ModelInfo[] = [];
  for (const entry of objectsOf(data)) {
    const id = asString(entry["id"]);
    if (id !== undefined) models.push({ id, ...describe(entry) });
  }
  return models;
}

function describe(entry: JsonObject): Omit<ModelInfo, "id"> {
  const displayName = asString(entry["display_name"]);
  const createdMs = Date.parse(asString(entry["created_at"]) ?? "");
  const contextLength = asNumber(entry["max_input_tokens"]);
  const capabilities = asObject(entry["capabilities"]);
  return {
    ...(displayName !== undefined && { displayName }),
    ...(createdMs > 0 && { createdMs }),
    ...(contextLength !== undefined && contextLength > 0 && { contextLength }),
    ...(capabilities && { capabilities: readCapabilities(capabilities) }),
  };
}

/** Every model of this API completes and takes tools; the list says what else it does. */
function readCapabilities(json: JsonObject): ReadonlySet<string> {
  const names = new Set(["completion", "tools"]);
  if (isSupported(json["image_input"])) names.add("vision");
  if (isSupported(json["thinking"])) names.add("thinking");
  return names;
}

function isSupported(json: Json | undefined): boolean {
  return isObject(json) && json["supported"] === true;
}
