import type { JsonObject } from "../../../core/json.ts";
import type { Losses } from "../../../core/loss.ts";
import type { ChatRequest } from "../../../core/request.ts";
import type { TargetInfo } from "../../format.ts";
import { wantsLogprobs } from "../../logprobs.ts";

const MAX_STOP = 4;

const NATIVE = [
  ["temperature", "temperature"],
  ["topP", "top_p"],
  ["frequencyPenalty", "frequency_penalty"],
  ["presencePenalty", "presence_penalty"],
  ["seed", "seed"],
  ["logitBias", "logit_bias"],
] as const;

const RANGES = [
  ["temperature", 0, 2],
  ["frequency_penalty", -2, 2],
  ["presence_penalty", -2, 2],
] as const;

/** Not OpenAI's: a Chat client that sends them has a server that takes them, under the name its engine has. */
const FOREIGN = [
  ["topK", "top_k", "top_k"],
  ["minP", "min_p", "min_p"],
  ["repeatPenalty", "repeat_penalty", "repetition_penalty"],
] as const;

export function writeSampling(request: ChatRequest, target: TargetInfo, body: JsonObject, losses: Losses): void {
  const { sampling } = request;
  for (const [key, field] of NATIVE) {
    const value = sampling[key];
    if (value !== undefined) body[field] = value;
  }
  if ((sampling.n ?? 1) > 1) losses.drop("n");
  if (wantsLogprobs(sampling))
    Object.assign(body, { logprobs: true }, sampling.topLogprobs && { top_logprobs: sampling.topLogprobs });
  if (request.dialect !== "openai") clampRanges(body, losses);
  for (const [key, feature, field] of FOREIGN) {
    const value = sampling[key];
    if (value === undefined) continue;
    if (request.dialect === "openai") body[field] = value;
    else losses.drop(feature);
  }
  if (sampling.stop) body["stop"] = stopFor(sampling.stop, target, losses);
}

/** A Chat client means its own server's ranges. */
function clampRanges(body: JsonObject, losses: Losses): void {
  for (const [field, min, max] of RANGES) {
    const value = body[field];
    if (typeof value !== "number" || (value >= min && value <= max)) continue;
    const allowed = value < min ? min : max;
    body[field] = allowed;
    losses.changed(field, `clamped(${value}->${allowed})`);
  }
}

/** OpenAI refuses more than four; compatible servers take any number. */
function stopFor(stop: string[], target: TargetInfo, losses: Losses): string[] {
  if (target.quirks.developerRole !== true || stop.length <= MAX_STOP) return stop;
  losses.changed("stop", `clipped(${stop.length}->${MAX_STOP})`);
  return stop.slice(0, MAX_STOP);
}
