import { asObject, type Json, type JsonObject, objectsOf } from "../../../core/json.ts";
import { reportedUsage, tokenCount, type Usage, uncachedInput } from "../../../core/usage.ts";

/** Adds up what message_start and message_delta say: both are cumulative, and only what is there replaces. */
export class UsageReader {
  /** The keys are the provider's, `__proto__` too. */
  readonly #latest = new Map<string, Json>();

  /** The usage so far; undefined when `json` says nothing. */
  merge(json: Json | undefined): Usage | undefined {
    const fresh = asObject(json);
    if (!fresh) return undefined;
    for (const [key, value] of Object.entries(fresh)) {
      const isNoCount = typeof value === "number" && tokenCount(value) === undefined;
      if (value !== null && value !== undefined && !isNoCount) this.#latest.set(key, value);
    }
    return usageOf(Object.fromEntries(this.#latest));
  }
}

type Counts = Pick<Usage, "input" | "output" | "cachedRead" | "cacheWrite" | "cacheWriteLong">;

function usageOf(json: JsonObject): Usage {
  const reasoning = count(asObject(json["output_tokens_details"])?.["thinking_tokens"]);
  const counts = countsOf(json);
  for (const iteration of objectsOf(json["iterations"])) {
    if (!APART.has(String(iteration["type"]))) continue;
    const more = countsOf(iteration);
    for (const key of COUNTED) counts[key] += more[key];
  }
  return reportedUsage({ ...counts, reasoning });
}

/** Work the totals leave out, though it is paid for. */
const APART = new Set(["compaction", "advisor_message"]);
const COUNTED = ["input", "output", "cachedRead", "cacheWrite", "cacheWriteLong"] as const satisfies (keyof Counts)[];

/** Anthropic counts cached tokens apart; the router's `input` is all of the prompt. */
function countsOf(json: JsonObject): Counts {
  const cachedRead = count(json["cache_read_input_tokens"]);
  const split = asObject(json["cache_creation"]);
  const cacheWriteLong = count(split?.["ephemeral_1h_input_tokens"]);
  const cacheWrite = count(
    tokenCount(json["cache_creation_input_tokens"]) ?? count(split?.["ephemeral_5m_input_tokens"]) + cacheWriteLong,
  );
  const input = count(json["input_tokens"]) + cachedRead + cacheWrite;
  return { input, output: count(json["output_tokens"]), cachedRead, cacheWrite, cacheWriteLong };
}

function count(value: Json | undefined): number {
  return tokenCount(value) ?? 0;
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
