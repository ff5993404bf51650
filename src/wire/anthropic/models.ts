import { RouterError } from "../../core/errors.ts";
import { asNumber, asObject, asString, isObject, type Json, type JsonObject, objectsOf } from "../../core/json.ts";
import type { ModelInfo } from "../../core/model.ts";

/** The API's own limit of a page; it gives 20 to a client that does not say, but some never ask for the rest. */
const LONGEST_PAGE = 1000;

/** `GET /v1/models` as Anthropic answers it, with its paging: `limit`, `after_id`, `before_id`. */
export function writeModelList(all: readonly ModelInfo[], search: URLSearchParams): JsonObject {
  const limit = limitOf(search.get("limit"));
  const after = all.findIndex(({ id }) => id === search.get("after_id"));
  const before = all.findIndex(({ id }) => id === search.get("before_id"));
  const backwards = before !== -1;
  const from = backwards ? Math.max(before - limit, 0) : after + 1;
  const to = backwards ? before : from + limit;
  const models = all.slice(from, to);
  return {
    data: models.map(writeModel),
    has_more: backwards ? from > 0 : to < all.length,
    first_id: models[0]?.id ?? null,
    last_id: models.at(-1)?.id ?? null,
  };
}

function limitOf(text: string | null): number {
  const limit = text === null ? LONGEST_PAGE : Number(text);
  if (Number.isInteger(limit) && limit > 0 && limit <= LONGEST_PAGE) return limit;
  throw new RouterError("bad_request", `limit: Input should be between 1 and ${LONGEST_PAGE}`, { param: "limit" });
}

export function writeModel(model: ModelInfo): JsonObject {
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
