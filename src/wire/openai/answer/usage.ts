import { asObject, type JsonObject } from "../../../core/json.ts";
import { reportedUsage, tokenCount, type Usage } from "../../../core/usage.ts";

/** Reads `usage` of a body or chunk, wherever servers put it; undefined when this one has none. */
export function findUsage(value: JsonObject, choice: JsonObject | undefined): Usage | undefined {
  const raw = asObject(value["usage"]) ?? asObject(asObject(value["x_groq"])?.["usage"]) ?? asObject(choice?.["usage"]);
  return raw && readUsage(raw);
}

function readUsage(raw: JsonObject): Usage | undefined {
  const prompt = tokenCount(raw["prompt_tokens"]);
  const completion = tokenCount(raw["completion_tokens"]);
  if (prompt === undefined && completion === undefined) return undefined;
  const prompted = asObject(raw["prompt_tokens_details"]);
  const completed = asObject(raw["completion_tokens_details"]);
  // DeepSeek's and Moonshot's own words for cached tokens stand beside the total.
  const cachedRead =
    tokenCount(prompted?.["cached_tokens"]) ??
    tokenCount(raw["prompt_cache_hit_tokens"]) ??
    tokenCount(raw["cached_tokens"]);
  const reasoning = tokenCount(completed?.["reasoning_tokens"]) ?? tokenCount(raw["reasoning_tokens"]) ?? 0;
  // xAI leaves reasoning out of the completion's tokens; its total tells.
  const apart = tokenCount(raw["total_tokens"]) === (prompt ?? 0) + (completion ?? 0) + reasoning;
  return reportedUsage({
    input: prompt ?? 0,
    output: (completion ?? 0) + (apart ? reasoning : 0),
    cachedRead: cachedRead ?? 0,
    cacheWrite: tokenCount(prompted?.["cache_write_tokens"]) ?? 0,
    reasoning,
  });
}

export function writeUsage(usage: Usage): JsonObject {
  return {
    prompt_tokens: usage.input,
    completion_tokens: usage.output,
    total_tokens: usage.input + usage.output,
    prompt_tokens_details: { cached_tokens: usage.cachedRead, cache_write_tokens: usage.cacheWrite },
    completion_tokens_details: { reasoning_tokens: usage.reasoning },
  };
}
