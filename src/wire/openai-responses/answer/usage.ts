import { asObject, type JsonObject } from "../../../core/json.ts";
import { reportedUsage, tokenCount, type Usage } from "../../../core/usage.ts";

/** Undefined when it holds no counts. */
export function readUsage(usage: JsonObject | undefined): Usage | undefined {
  const [prompt, answer] = [tokenCount(usage?.["input_tokens"]), tokenCount(usage?.["output_tokens"])];
  if (!usage || (prompt === undefined && answer === undefined)) return undefined;
  const input = asObject(usage["input_tokens_details"]);
  const output = asObject(usage["output_tokens_details"]);
  const long = tokenCount(asObject(input?.["cache_write_tokens_details"])?.["ttl_12h_tokens"]);
  return reportedUsage({
    input: prompt ?? 0,
    output: answer ?? 0,
    cachedRead: tokenCount(input?.["cached_tokens"]) ?? 0,
    cacheWrite: tokenCount(input?.["cache_write_tokens"]) ?? 0,
    cacheWriteLong: long ?? 0,
    reasoning: tokenCount(output?.["reasoning_tokens"]) ?? 0,
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
