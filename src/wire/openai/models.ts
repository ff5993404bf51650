import {
  asArray,
  asNumber,
  asObject,
  asString,
  isObject,
  type Json,
  type JsonObject,
  objectsOf,
} from "../../core/json.ts";
import type { ModelInfo } from "../../core/model.ts";
import { readCapabilities } from "./model-capabilities.ts";

/** Where servers of this dialect say how long a context may be, best first. */
const CONTEXT_FIELDS = [
  "loaded_context_length", // LM Studio: what this instance was started with
  "max_model_len", // vLLM
  "context_length", // OpenRouter, Together
  "context_window", // Groq
  "max_context_length", // LM Studio, Mistral
  "max_input_tokens", // Anthropic
] as const;

/** `GET /models` of any compatible server. What is no model list is an empty one. */
export function readModels(body: Json): ModelInfo[] {
  const models: ModelInfo[] = [];
  for (const entry of entriesOf(body)) {
    const id = asString(entry["id"]) || asString(entry["name"]) || asString(entry["model"]);
    if (id) models.push(readModel(entry, id));
  }
  return models;
}

/** `data` by the book; Together answers the bare array, some servers call it `models`. */
function entriesOf(body: Json): JsonObject[] {
  if (!isObject(body)) return objectsOf(body);
  return objectsOf(asArray(body["data"]) ?? body["models"]);
}

function readModel(entry: JsonObject, id: string): ModelInfo {
  const info: ModelInfo = { id };
  const contextLength = contextOf(entry);
  if (contextLength !== undefined) info.contextLength = contextLength;
  const displayName = asString(entry["display_name"]) || asString(entry["name"]);
  if (displayName && displayName !== id) info.displayName = displayName;
  const ownedBy = asString(entry["owned_by"]);
  if (ownedBy) info.ownedBy = ownedBy;
  const created = asNumber(entry["created"]);
  if (created) info.createdMs = created * 1000;
  const capabilities = readCapabilities(entry);
  if (capabilities) info.capabilities = capabilities;
  const quantization = asString(entry["quantization"]);
  if (quantization) info.quantization = quantization;
  const sizeBytes = asNumber(asObject(entry["meta"])?.["size"]);
  if (sizeBytes !== undefined) info.sizeBytes = sizeBytes;
  return info;
}

function contextOf(entry: JsonObject): number | undefined {
  const meta = asObject(entry["meta"]); // llama.cpp: what runs, else what the model was trained for
  const lengths = [...CONTEXT_FIELDS.map((field) => entry[field]), meta?.["n_ctx"], meta?.["n_ctx_train"]];
  return lengths.map((length) => asNumber(length)).find((length) => length !== undefined && length > 0);
}

/** `GET /v1/models`, in a shape that OpenAI's and Anthropic's clients both read. */
export function writeModelList(models: ModelInfo[]): JsonObject {
  return {
    object: "list",
    data: models.map(writeModel),
    has_more: false,
    first_id: models[0]?.id ?? null,
    last_id: models.at(-1)?.id ?? null,
  };
}

/** `GET /v1/models/{id}`. */
export function writeModel(model: ModelInfo): JsonObject {
  const createdMs = model.createdMs ?? 0;
  return {
    id: model.id,
    object: "model",
    type: "model",
    created: Math.floor(createdMs / 1000),
    created_at: new Date(createdMs).toISOString(),
    owned_by: model.ownedBy ?? "",
    display_name: model.displayName ?? model.id,
    ...(model.contextLength !== undefined && {
      context_length: model.contextLength,
      max_input_tokens: model.contextLength,
    }),
  };
}
