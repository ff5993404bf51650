import type { JsonObject } from "../../../core/json.ts";
import type { Draft } from "./draft.ts";

/** Temperature, top_p, top_k and stop sequences as far as the model takes them; the rest of `sampling` to the losses. */
export function writeSampling(draft: Draft, thinking: boolean): JsonObject {
  dropForeign(draft);
  const fields: JsonObject = {};
  const { sampling } = draft.request;
  if (draft.rules.sampling === "refused") dropAll(draft);
  else if (thinking && draft.rules.known) writeBesideThinking(draft, fields);
  else {
    if (sampling.temperature !== undefined) fields["temperature"] = clampTemperature(sampling.temperature, draft);
    if (sampling.topP !== undefined) fields["top_p"] = sampling.topP;
    if (sampling.topK !== undefined) fields["top_k"] = sampling.topK;
  }
  if (draft.rules.sampling === "one" && fields["temperature"] !== undefined && fields["top_p"] !== undefined) {
    delete fields["top_p"];
    draft.losses.changed("top_p", "dropped: the model takes temperature or top_p, not both");
  }
  const stop = stopSequences(draft);
  if (stop.length > 0) fields["stop_sequences"] = stop;
  return fields;
}

function clampTemperature(temperature: number, { losses }: Draft): number {
  const clamped = Math.min(Math.max(temperature, 0), 1);
  if (clamped !== temperature) losses.changed("temperature", `clamped(${temperature}->${clamped})`);
  return clamped;
}

function dropAll({ request, losses }: Draft): void {
  const { temperature, topP, topK } = request.sampling;
  if (temperature !== undefined) losses.changed("temperature", "dropped: the model refuses it");
  if (topP !== undefined) losses.changed("top_p", "dropped: the model refuses it");
  if (topK !== undefined) losses.changed("top_k", "dropped: the model refuses it");
}

/** While thinking, the API takes temperature 1, top_p from 0.95 on, and no top_k. */
function writeBesideThinking({ request, losses }: Draft, fields: JsonObject): void {
  const { temperature, topP, topK } = request.sampling;
  if (temperature === 1) fields["temperature"] = 1;
  else if (temperature !== undefined) losses.changed("temperature", "dropped: the model thinks");
  if (topP !== undefined && topP >= 0.95) fields["top_p"] = topP;
  else if (topP !== undefined) losses.changed("top_p", "dropped: the model thinks");
  if (topK !== undefined) losses.changed("top_k", "dropped: the model thinks");
}

/** A stop sequence of nothing but whitespace is a 400. */
function stopSequences({ request, losses }: Draft): string[] {
  const all = request.sampling.stop ?? [];
  const kept = all.filter((sequence) => sequence.trim() !== "");
  if (kept.length < all.length) losses.changed("stop", "whitespace sequences dropped");
  return kept;
}

function dropForeign({ request, losses }: Draft): void {
  const { sampling } = request;
  if (sampling.minP !== undefined) losses.drop("min_p");
  if (sampling.frequencyPenalty !== undefined && sampling.frequencyPenalty !== 0) losses.drop("frequency_penalty");
  if (sampling.presencePenalty !== undefined && sampling.presencePenalty !== 0) losses.drop("presence_penalty");
  if (sampling.repeatPenalty !== undefined) losses.drop("repeat_penalty");
  if (sampling.seed !== undefined) losses.drop("seed");
  if (sampling.n !== undefined && sampling.n > 1) losses.drop("n");
  if (sampling.logprobs || (sampling.topLogprobs ?? 0) > 0) losses.drop("logprobs");
  if (sampling.logitBias && Object.keys(sampling.logitBias).length > 0) losses.drop("logit_bias");
}
