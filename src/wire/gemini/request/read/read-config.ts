import { asObject, type JsonObject } from "../../../../core/json.ts";
import type { ChatRequest, Effort, Reasoning } from "../../../../core/request.ts";
import { booleanField, numberField, objectField, restOf, stringField, stringList } from "./read-fields.ts";
import { detailName } from "./read-media.ts";
import { readSchema } from "./read-schema.ts";

/** Reads `generationConfig`. What only Gemini can say of it stays in `extra`, under the same name. */
export function readConfig(body: JsonObject, request: ChatRequest): void {
  const config = objectField(body, "generationConfig");
  if (!config) return;
  readSampling(config, request);
  const left = { ...readOutput(config, request), ...readThinking(config, request), ...readResolution(config, request) };
  const extra = { ...restOf(config, KNOWN), ...left };
  if (Object.keys(extra).length > 0) request.extra["generationConfig"] = extra;
}

const KNOWN = new Set(
  (
    "temperature topP topK candidateCount maxOutputTokens stopSequences seed presencePenalty frequencyPenalty " +
    "responseLogprobs logprobs responseMimeType responseSchema responseJsonSchema _responseJsonSchema thinkingConfig " +
    "mediaResolution"
  ).split(" "),
);

function readSampling(config: JsonObject, request: ChatRequest): void {
  const { sampling } = request;
  const number = (key: string): number | undefined => numberField(config, key, `generationConfig.${key}`);
  const set = (key: "temperature" | "topP" | "topK" | "seed" | "presencePenalty" | "frequencyPenalty"): void => {
    const value = number(key);
    if (value !== undefined) sampling[key] = value;
  };
  for (const key of ["temperature", "topP", "topK", "seed", "presencePenalty", "frequencyPenalty"] as const) set(key);
  const limit = number("maxOutputTokens");
  const count = number("candidateCount");
  const top = number("logprobs");
  const stop = stringList(config, "stopSequences", "generationConfig.stopSequences");
  const logprobs = booleanField(config, "responseLogprobs", "generationConfig.responseLogprobs");
  if (limit !== undefined) request.maxOutputTokens = limit;
  if (count !== undefined && count > 1) sampling.n = count;
  if (stop.length > 0) sampling.stop = stop;
  if (logprobs) sampling.logprobs = true;
  if (logprobs && top !== undefined) sampling.topLogprobs = top;
}

function readOutput(config: JsonObject, request: ChatRequest): JsonObject {
  const type = stringField(config, "responseMimeType", "generationConfig.responseMimeType") ?? "text/plain";
  const schema =
    asObject(config["responseJsonSchema"]) ??
    asObject(config["_responseJsonSchema"]) ??
    asObject(config["responseSchema"]);
  if (type === "application/json")
    request.output = schema ? { kind: "json_schema", schema: readSchema(schema) } : { kind: "json" };
  if (type === "application/json" || type === "text/plain" || type === "") return {};
  // Gemini also answers one word of a list (`text/x.enum`), which no other API can be told.
  return { responseMimeType: type, ...(schema && { responseSchema: schema }) };
}

const LEVELS: ReadonlyMap<string, Effort> = new Map([
  ["MINIMAL", "minimal"],
  ["LOW", "low"],
  ["MEDIUM", "medium"],
  ["HIGH", "high"],
]);

function readThinking(config: JsonObject, request: ChatRequest): JsonObject {
  const path = "generationConfig.thinkingConfig";
  const thinking = objectField(config, "thinkingConfig", path);
  if (!thinking) return {};
  const shown = booleanField(thinking, "includeThoughts", `${path}.includeThoughts`);
  const budget = numberField(thinking, "thinkingBudget", `${path}.thinkingBudget`);
  const level = stringField(thinking, "thinkingLevel", `${path}.thinkingLevel`)?.toUpperCase();
  const effort = LEVELS.get(level ?? "");
  const reasoning: Reasoning = {};
  if (effort) reasoning.effort = effort;
  else if (budget === 0) Object.assign(reasoning, { mode: "off", effort: "none" } satisfies Reasoning);
  // A budget of -1 leaves it to the model, as no budget does.
  else if (budget !== undefined && budget > 0)
    Object.assign(reasoning, { mode: "on", budgetTokens: budget } satisfies Reasoning);
  else if (shown) reasoning.mode = "adaptive";
  if (shown && reasoning.mode !== "off") reasoning.display = "auto";
  if (Object.keys(reasoning).length > 0) request.reasoning = reasoning;
  const rest = restOf(thinking, THINKING_KEYS);
  const isNew = level !== undefined && !effort && level !== "THINKING_LEVEL_UNSPECIFIED";
  const left = { ...rest, ...(isNew && { thinkingLevel: level }) };
  return Object.keys(left).length > 0 ? { thinkingConfig: left } : {};
}

const THINKING_KEYS = new Set(["includeThoughts", "thinkingBudget", "thinkingLevel"]);

/** For all images at once: those that do not say themselves how closely they are to be looked at. */
function readResolution(config: JsonObject, request: ChatRequest): JsonObject {
  const level = stringField(config, "mediaResolution", "generationConfig.mediaResolution");
  const detail = detailName(level);
  if (level === undefined || level === "MEDIA_RESOLUTION_UNSPECIFIED") return {};
  if (detail === undefined) return { mediaResolution: level };
  for (const { parts } of request.messages) for (const part of parts) if (part.type === "image") part.detail ??= detail;
  return {};
}
