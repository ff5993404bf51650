import { asNumber, asObject, type JsonObject } from "../../../core/json.ts";
import { reportedUsage, type Usage } from "../../../core/usage.ts";

export function readUsage(usage: JsonObject): Usage {
  const input = asObject(usage["input_tokens_details"]);
  const output = asObject(usage["output_tokens_details"]);
  const long = asNumber(asObject(input?.["cache_write_tokens_details"])?.["ttl_12h_tokens"]);
  return reportedUsage({
    input: asNumber(usage["input_tokens"]) ?? 0,
    output: asNumber(usage["output_tokens"]) ?? 0,
    cachedRead: asNumber(input?.["cached_tokens"]) ?? 0,
    cacheWrite: asNumber(input?.["cache_write_tokens"]) ?? 0,
    cacheWriteLong: long ?? 0,
    reasoning: asNumber(output?.["reasoning_tokens"]) ?? 0,
  });
}

/** Codex refuses a `usage` that lacks one of these. */
export function writeUsage(usage: Usage): JsonObject {
  return {
    input_tokens: usage.input,
    input_tokens_details: { cached_tokens: usage.cachedRead, cache_write_tokens: usage.cacheWrite },
    output_tokens: usage.output,
    output_tokens_details: { reasoning_tokens: usage.reasoning },
    total_tokens: usage.input + usage.output,
  };
}
