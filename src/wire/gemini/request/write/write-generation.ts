import { asObject, type JsonObject } from "../../../../core/json.ts";
import type { Part } from "../../../../core/part.ts";
import type { Draft } from "./draft.ts";
import { writeThinking } from "./write-thinking.ts";

const MAX_STOPS = 5;
const MAX_TEMPERATURE = 2;

/** `generationConfig`. `json`: whether JSON output may be asked for here. */
export function writeGeneration(draft: Draft, json: boolean): JsonObject {
  const { request, losses } = draft;
  const { sampling } = request;
  dropForeign(draft);
  const stop = stopSequences(draft);
  const thinkingConfig = writeThinking(draft);
  const mediaResolution = resolutionOf(draft);
  const config: JsonObject = {
    ...(sampling.temperature !== undefined && { temperature: clampTemperature(sampling.temperature, losses) }),
    ...(sampling.topP !== undefined && { topP: sampling.topP }),
    ...(sampling.topK !== undefined && { topK: sampling.topK }),
    ...(sampling.seed !== undefined && { seed: seedOf(sampling.seed, losses) }),
    ...(sampling.presencePenalty !== undefined && { presencePenalty: sampling.presencePenalty }),
    ...(sampling.frequencyPenalty !== undefined && { frequencyPenalty: sampling.frequencyPenalty }),
    ...(stop.length > 0 && { stopSequences: stop }),
    ...candidates(draft),
    ...outputLimit(draft),
    ...logprobs(draft),
    ...(json && outputShape(draft)),
    ...(mediaResolution !== undefined && { mediaResolution }),
    ...(thinkingConfig && { thinkingConfig }),
  };
  // What a Gemini client said beyond the vocabulary (`responseModalities`, `speechConfig`).
  return request.dialect === "gemini" ? { ...asObject(request.extra["generationConfig"]), ...config } : config;
}

function clampTemperature(temperature: number, losses: Draft["losses"]): number {
  const clamped = Math.min(Math.max(temperature, 0), MAX_TEMPERATURE);
  if (clamped !== temperature) losses.changed("temperature", `clamped(${temperature}->${clamped})`);
  return clamped;
}

/** A seed is an int32 here, and up to 64 bits elsewhere. */
function seedOf(seed: number, losses: Draft["losses"]): number {
  const small = seed | 0;
  if (small !== seed) losses.changed("seed", `${seed}->${small}`);
  return small;
}

function stopSequences({ request, losses }: Draft): string[] {
  const stop = (request.sampling.stop ?? []).filter((sequence) => sequence !== "");
  if (stop.length > MAX_STOPS) losses.changed("stop", `first ${MAX_STOPS} of ${stop.length} sequences sent`);
  return stop.slice(0, MAX_STOPS);
}

/** Only the first answer is read, so only a Gemini client, who sees the bytes, may ask for more. */
function candidates({ request, losses }: Draft): JsonObject {
  const n = request.sampling.n ?? 1;
  if (n <= 1) return {};
  if (request.dialect === "gemini") return { candidateCount: n };
  losses.drop("n");
  return {};
}

function outputLimit({ request, rules, losses }: Draft): JsonObject {
  const wanted = request.maxOutputTokens;
  if (wanted === undefined) return {};
  const limit = Math.min(wanted, rules.maxOutput ?? wanted);
  if (limit !== wanted) losses.changed("max_output_tokens", `clamped(${wanted}->${limit})`);
  return { maxOutputTokens: limit };
}

function logprobs({ request }: Draft): JsonObject {
  const { logprobs: wanted, topLogprobs = 0 } = request.sampling;
  if (!wanted && topLogprobs === 0) return {};
  return { responseLogprobs: true, ...(topLogprobs > 0 && { logprobs: topLogprobs }) };
}

function outputShape({ request }: Draft): JsonObject {
  const { output } = request;
  if (!output) return {};
  const responseMimeType = "application/json";
  return output.kind === "json" ? { responseMimeType } : { responseMimeType, responseJsonSchema: output.schema };
}

/** The API has one resolution for all images of a request: given only when they agree. */
function resolutionOf({ request, losses }: Draft): string | undefined {
  const details = new Set(request.messages.flatMap(({ parts }) => detailsIn(parts)));
  const [only] = details;
  if (details.size === 1 && (only === "low" || only === "high")) return `MEDIA_RESOLUTION_${only.toUpperCase()}`;
  if ([...details].some((detail) => detail !== "auto")) losses.drop("image_detail");
  return undefined;
}

function detailsIn(parts: readonly Part[]): string[] {
  return parts.flatMap((part) => {
    if (part.type === "tool-result") return detailsIn(part.parts);
    return part.type === "image" ? [part.detail ?? "auto"] : [];
  });
}

function dropForeign({ request, losses }: Draft): void {
  const { sampling } = request;
  if (sampling.minP !== undefined) losses.drop("min_p");
  if (sampling.repeatPenalty !== undefined) losses.drop("repeat_penalty");
  if (sampling.logitBias && Object.keys(sampling.logitBias).length > 0) losses.drop("logit_bias");
}
