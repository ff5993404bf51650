import { asNumber, asObject, type Json, type JsonObject } from "../../../core/json.ts";
import { reportedUsage, type Usage, uncachedInput } from "../../../core/usage.ts";

/** Adds up what message_start and message_delta say: both are cumulative, and only what is there replaces. */
export class UsageReader {
  readonly #latest: JsonObject = {};

  /** The usage so far; undefined when `json` says nothing. */
  merge(json: Json | undefined): Usage | undefined {
    const fresh = asObject(json);
    if (!fresh) return undefined;
    for (const [key, value] of Object.entries(fresh)) {
      if (value !== null && value !== undefined) this.#latest[key] = value;
    }
    return usageOf(this.#latest);
  }
}

/** Anthropic counts cached tokens apart; the router's `input` is all of the prompt. */
function usageOf(json: JsonObject): Usage {
  const count = (value: Json | undefined): number => Math.max(asNumber(value) ?? 0, 0);
  const cachedRead = count(json["cache_read_input_tokens"]);
  const split = asObject(json["cache_creation"]);
  const cacheWriteLong = count(split?.["ephemeral_1h_input_tokens"]);
  const cacheWrite =
    asNumber(json["cache_creation_input_tokens"]) ?? count(split?.["ephemeral_5m_input_tokens"]) + cacheWriteLong;
  return reportedUsage({
    input: count(json["input_tokens"]) + cachedRead + count(cacheWrite),
    output: count(json["output_tokens"]),
    cachedRead,
    cacheWrite,
    cacheWriteLong,
    reasoning: count(asObject(json["output_tokens_details"])?.["thinking_tokens"]),
  });
}

export function writeUsage(usage: Usage): JsonObject {
  const json: JsonObject = {
    input_tokens: uncachedInput(usage),
    cache_creation_input_tokens: usage.cacheWrite,
    cache_read_input_tokens: usage.cachedRead,
    output_tokens: usage.output,
  };
  if (usage.cacheWrite > 0)
    json["cache_creation"] = {
      ephemeral_5m_input_tokens: usage.cacheWrite - usage.cacheWriteLong,
      ephemeral_1h_input_tokens: usage.cacheWriteLong,
    };
  if (usage.reasoning > 0) json["output_tokens_details"] = { thinking_tokens: usage.reasoning };
  return json;
}

/** When no provider has said anything. */
export function guessedUsage(input: number): JsonObject {
  return { input_tokens: input, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 0 };
}
