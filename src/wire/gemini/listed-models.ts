import { asArray, asNumber, asString, isObject, type Json, type JsonObject, objectsOf } from "../../core/json.ts";
import type { ModelInfo } from "../../core/model.ts";

const COLLECTION = "models/";
/** Models that make something else than text. */
const SPECIAL = /-(?:image|tts|audio|live|robotics|computer-use)\b/;

/** One page of a provider's `GET /models`. Throws when the body is no list of models. */
export function readModelPage(body: Json): { models: ModelInfo[]; next: string | undefined } {
  if (!isObject(body) || !(body["models"] === undefined || Array.isArray(body["models"])))
    throw new Error("the model list has no models");
  const models: ModelInfo[] = [];
  for (const entry of objectsOf(body["models"])) {
    const name = asString(entry["name"]);
    const methods = asArray(entry["supportedGenerationMethods"]) ?? ["generateContent"];
    // Others (`predict`, `bidiGenerateContent`) cannot be asked through the router.
    if (name === undefined || !methods.some((method) => METHODS.has(String(method)))) continue;
    models.push(readModel(entry, name.startsWith(COLLECTION) ? name.slice(COLLECTION.length) : name, methods));
  }
  return { models, next: asString(body["nextPageToken"]) || undefined };
}

const METHODS = new Set(["generateContent", "embedContent"]);

function readModel(entry: JsonObject, id: string, methods: readonly Json[]): ModelInfo {
  const info: ModelInfo = { id, ownedBy: "google" };
  const displayName = asString(entry["displayName"]);
  if (displayName) info.displayName = displayName;
  const contextLength = asNumber(entry["inputTokenLimit"]);
  if (contextLength !== undefined && contextLength > 0) info.contextLength = contextLength;
  const capabilities = capabilitiesOf(entry, id, methods);
  if (capabilities) info.capabilities = capabilities;
  return info;
}

/** The list tells of thinking and of embeddings; tools and pictures every Gemini model for text takes. */
function capabilitiesOf(entry: JsonObject, id: string, methods: readonly Json[]): ReadonlySet<string> | undefined {
  if (!methods.includes("generateContent")) return new Set(["embedding"]);
  if (!id.startsWith("gemini-") || SPECIAL.test(id)) return undefined;
  return new Set(["completion", "tools", "vision", ...(entry["thinking"] === true ? ["thinking"] : [])]);
}
