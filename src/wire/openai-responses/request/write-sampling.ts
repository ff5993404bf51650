import type { JsonObject } from "../../../core/json.ts";
import type { Feature, Losses } from "../../../core/loss.ts";
import type { ChatRequest } from "../../../core/request.ts";

/** The smallest output limit the API takes. */
const MIN_OUTPUT = 16;

export function writeSampling(request: ChatRequest, losses: Losses): JsonObject {
  const { sampling, maxOutputTokens: limit } = request;
  const body: JsonObject = {};
  if (limit !== undefined) {
    body["max_output_tokens"] = Math.max(limit, MIN_OUTPUT);
    if (limit < MIN_OUTPUT) losses.changed("max_output_tokens", `raised(${limit}->${MIN_OUTPUT})`);
  }
  const { temperature, topP, topLogprobs } = sampling;
  if (temperature !== undefined) {
    const allowed = Math.min(Math.max(temperature, 0), 2);
    body["temperature"] = allowed;
    if (allowed !== temperature) losses.changed("temperature", `clamped(${temperature}->${allowed})`);
  }
  if (topP !== undefined) body["top_p"] = topP;
  if (topLogprobs) body["top_logprobs"] = topLogprobs;
  dropUnspeakable(request, losses);
  return body;
}

/** The fields this API does not have, each with the value that changes nothing. */
function dropUnspeakable({ sampling }: ChatRequest, losses: Losses): void {
  const lost: [Feature, boolean][] = [
    ["top_k", isSet(sampling.topK, 0)],
    ["min_p", isSet(sampling.minP, 0)],
    ["frequency_penalty", isSet(sampling.frequencyPenalty, 0)],
    ["presence_penalty", isSet(sampling.presencePenalty, 0)],
    ["repeat_penalty", isSet(sampling.repeatPenalty, 1)],
    ["seed", sampling.seed !== undefined],
    ["stop", (sampling.stop?.length ?? 0) > 0],
    ["n", isSet(sampling.n, 1)],
    ["logit_bias", Object.keys(sampling.logitBias ?? {}).length > 0],
  ];
  for (const [feature, isLost] of lost) if (isLost) losses.drop(feature);
}

function isSet(value: number | undefined, neutral: number): boolean {
  return value !== undefined && value !== neutral;
}
