import { createHash } from "node:crypto";
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

/**
 * Said of models whose window nobody told us: what today's models commonly have. A client that believes in more than there
 * is meets the provider's own error; one told too little would throw away what would have fitted.
 */
export const DEFAULT_CONTEXT_LENGTH = 131_072;

/**
 * The version we claim: that of the API spoken here. Clients compare it as numbers: Codex wants at least 0.13.4 (from
 * there on Ollama serves /v1/responses, as the router does), VS Code 0.6.4.
 */
const VERSION = "0.40.0";

/** `GET /api/tags` → what is known of each model. */
export function readTags(body: Json): ModelInfo[] {
  return objectsOf(asObject(body)?.["models"]).flatMap((entry) => {
    const id = asString(entry["model"]) ?? asString(entry["name"]);
    if (!id) return [];
    const created = Date.parse(asString(entry["modified_at"]) ?? "");
    return {
      id,
      ...readDetails(entry["details"]),
      ...optional("sizeBytes", asNumber(entry["size"])),
      ...optional("digest", asString(entry["digest"])),
      ...optional("createdMs", Number.isNaN(created) ? undefined : created),
    };
  });
}

/** `POST /api/show` → what it adds to the entry in the tags. `modelName` as in `capabilitiesOf`. */
export function readShow(body: Json, modelName = ""): Partial<ModelInfo> {
  if (!isObject(body)) return {};
  const info = asObject(body["model_info"]) ?? {};
  const architecture = asString(info["general.architecture"]);
  return {
    ...readDetails(body["details"]),
    ...optional("capabilities", capabilitiesOf(body, modelName)),
    ...optional("contextLength", asNumber(info[`${architecture}.context_length`])),
    ...optional("thinking", readThinking(asObject(body["thinking"]))),
  };
}

/** What a model can do; undefined when the server is too old to say. A name or family with `code` in it adds `coding`. */
export function capabilitiesOf(show: Json, modelName: string): ReadonlySet<string> | undefined {
  const body = asObject(show) ?? {};
  const listed = asArray(body["capabilities"]);
  if (!listed) return undefined;
  const capabilities = new Set(listed.filter((name) => typeof name === "string"));
  const details = asObject(body["details"]) ?? {};
  const names = [modelName, details["family"], ...(asArray(details["families"]) ?? [])];
  if (names.some((name) => typeof name === "string" && /code/i.test(name))) capabilities.add("coding");
  return capabilities;
}

/** The values of `think` the model's template knows. */
function readThinking(thinking: JsonObject | undefined): ModelInfo["thinking"] {
  const values = (asArray(thinking?.["values"]) ?? []).filter(isDegree);
  const standard = thinking?.["default"];
  if (values.length === 0) return undefined;
  return { values, ...(isDegree(standard) && { standard }) };
}

function isDegree(value: Json | undefined): value is string | boolean {
  return typeof value === "string" || typeof value === "boolean";
}

type Details = Pick<ModelInfo, "family" | "parameterSize" | "quantization">;

function readDetails(value: Json | undefined): Details {
  const details = asObject(value) ?? {};
  return {
    ...optional("family", asString(details["family"]) || undefined),
    ...optional("parameterSize", asString(details["parameter_size"]) || undefined),
    ...optional("quantization", asString(details["quantization_level"]) || undefined),
  };
}

function optional<K extends string, V>(key: K, value: V | undefined): { [key in K]?: V } {
  const object: { [key in K]?: V } = {};
  if (value !== undefined) object[key] = value;
  return object;
}

export function writeTags(models: readonly ModelInfo[]): JsonObject {
  return { models: models.map((model) => ({ ...writeEntry(model), modified_at: modifiedAt(model) })) };
}

/** The models in memory. What a router offers is always at hand, so nothing expires. */
export function writePs(models: readonly ModelInfo[]): JsonObject {
  return {
    models: models.map((model) => ({
      ...writeEntry(model),
      expires_at: "2999-01-01T00:00:00Z",
      size_vram: 0,
      context_length: model.contextLength ?? DEFAULT_CONTEXT_LENGTH,
    })),
  };
}

/** VS Code reads architecture, `<architecture>.context_length`, basename and capabilities, and fails without them. */
export function writeShow(model: ModelInfo): JsonObject {
  const architecture = model.family ?? "unknown";
  return {
    modelfile: `FROM ${model.id}`,
    parameters: "",
    template: "",
    details: writeDetails(model),
    model_info: {
      "general.architecture": architecture,
      "general.basename": model.displayName ?? model.id,
      [`${architecture}.context_length`]: model.contextLength ?? DEFAULT_CONTEXT_LENGTH,
    },
    capabilities: writeCapabilities(model),
    ...(model.thinking && {
      thinking: { values: [...model.thinking.values], default: model.thinking.standard ?? null },
    }),
    modified_at: modifiedAt(model),
  };
}

export function writeVersion(): JsonObject {
  return { version: VERSION };
}

/** `coding` is the router's own word. A model nobody knows anything about is taken to be capable. */
function writeCapabilities(model: ModelInfo): string[] {
  if (!model.capabilities) return ["completion", "tools", "vision"];
  return [...model.capabilities].filter((name) => name !== "coding");
}

function writeEntry(model: ModelInfo): JsonObject {
  return {
    name: model.id,
    model: model.id,
    size: model.sizeBytes ?? 0,
    // `ollama list` cuts it to twelve characters without looking, so there has to be one.
    digest: model.digest ?? createHash("sha256").update(model.id).digest("hex"),
    details: writeDetails(model),
  };
}

function writeDetails(model: ModelInfo): JsonObject {
  const family = model.family ?? "";
  return {
    parent_model: "",
    format: "gguf",
    family,
    families: family === "" ? [] : [family],
    parameter_size: model.parameterSize ?? "",
    quantization_level: model.quantization ?? "",
  };
}

function modifiedAt(model: ModelInfo): string {
  return new Date(model.createdMs ?? 0).toISOString();
}
