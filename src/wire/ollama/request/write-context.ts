import { estimateTokens } from "../../../core/estimate/estimate.ts";
import type { JsonObject } from "../../../core/json.ts";
import type { ChatRequest } from "../../../core/request.ts";
import type { TargetInfo } from "../../format.ts";

/** The smallest window Ollama gives a model by default: what fits needs no word about it. */
const SMALLEST_DEFAULT = 4096;
/** The first one asked for. Few steps, since a model is loaded anew for each size. */
const FIRST_STEP = 32_768;
/** Estimates may be short by a quarter. */
const MARGIN = 1.25;
const USUAL_ANSWER = 1024;
/** Clients name the most an answer may ever have; a window for that would seldom be filled and always cost memory. */
const LONGEST_ANSWER = 8192;

/**
 * The window a prompt of another API's client needs. Ollama's own is a setting of the server and often small, and what does
 * not fit it cuts off the front without a word. Undefined where any window does.
 */
export function contextFor(request: ChatRequest, { info }: TargetInfo): number | undefined {
  const answer = Math.min(request.maxOutputTokens ?? USUAL_ANSWER, LONGEST_ANSWER);
  const needed = Math.ceil(estimateTokens(request) * MARGIN) + answer;
  if (needed <= SMALLEST_DEFAULT) return undefined;
  let size = FIRST_STEP;
  while (size < needed) size *= 2;
  return Math.min(size, info?.contextLength ?? size);
}

/** A prompt that does not fit is an error, and a full window the end of the answer, as in every other API. */
export const NOTHING_CUT: JsonObject = { truncate: false, shift: false };
