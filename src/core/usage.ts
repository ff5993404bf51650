import { asNumber, type Json } from "./json.ts";

/**
 * Tokens of one exchange. `input` is the whole prompt, cached tokens included (OpenAI's and Gemini's convention;
 * Anthropic's readers and writers add and subtract). `reasoning` is part of `output`. All are ≥ 0.
 */
export interface Usage {
  input: number;
  output: number;
  cachedRead: number;
  cacheWrite: number;
  /** The part of `cacheWrite` with a long time to live (Anthropic's 1 h). */
  cacheWriteLong: number;
  reasoning: number;
  /** False: counted by the router, because the provider did not say. */
  reported: boolean;
}

export const NO_USAGE: Usage = {
  input: 0,
  output: 0,
  cachedRead: 0,
  cacheWrite: 0,
  cacheWriteLong: 0,
  reasoning: 0,
  reported: false,
};

/** No call uses so many. */
const ABSURD = 1e10;

/** A number of tokens, as somebody says it; undefined for what cannot be one: then it is as if nothing had been said. */
export function tokenCount(value: Json | undefined): number | undefined {
  const number = asNumber(value);
  return number !== undefined && number >= 0 && number < ABSURD ? number : undefined;
}

/** Usage from what a provider reported; negative, absent or absurd numbers become 0, parts never exceed their whole. */
export function reportedUsage(tokens: Partial<Omit<Usage, "reported">>): Usage {
  const input = count(tokens.input);
  const output = count(tokens.output);
  const cachedRead = Math.min(count(tokens.cachedRead), input);
  const cacheWrite = Math.min(count(tokens.cacheWrite), input - cachedRead);
  return {
    input,
    output,
    cachedRead,
    cacheWrite,
    cacheWriteLong: Math.min(count(tokens.cacheWriteLong), cacheWrite),
    reasoning: Math.min(count(tokens.reasoning), output),
    reported: true,
  };
}

/** Of two calls that made one answer. */
export function addUsage(one: Usage, other: Usage): Usage {
  return {
    input: one.input + other.input,
    output: one.output + other.output,
    cachedRead: one.cachedRead + other.cachedRead,
    cacheWrite: one.cacheWrite + other.cacheWrite,
    cacheWriteLong: one.cacheWriteLong + other.cacheWriteLong,
    reasoning: one.reasoning + other.reasoning,
    reported: one.reported && other.reported,
  };
}

function count(value: number | undefined): number {
  return value !== undefined && value > 0 && value < ABSURD ? Math.round(value) : 0;
}

/** Input tokens that were neither read from nor written to a prompt cache: Anthropic's `input_tokens`. */
export function uncachedInput(usage: Usage): number {
  return usage.input - usage.cachedRead - usage.cacheWrite;
}
