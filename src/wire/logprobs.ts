import { asArray, asNumber, asString, type Json, type JsonObject, objectsOf } from "../core/json.ts";
import type { TextPart, TokenChoice, TokenLogprob } from "../core/part.ts";

/** OpenAI's list of tokens, which Ollama has taken over; undefined when there is none. */
export function readLogprobs(value: Json | undefined): TokenLogprob[] | undefined {
  const tokens = objectsOf(value);
  if (tokens.length === 0) return undefined;
  return tokens.map((token) => ({ ...readChoice(token), top: objectsOf(token["top_logprobs"]).map(readChoice) }));
}

function readChoice(choice: JsonObject): TokenChoice {
  const bytes = asArray(choice["bytes"])?.filter((byte) => typeof byte === "number");
  return {
    token: asString(choice["token"]) ?? "",
    logprob: asNumber(choice["logprob"]) ?? 0,
    ...(bytes && { bytes }),
  };
}

export function writeLogprobs(tokens: readonly TokenLogprob[]): JsonObject[] {
  return tokens.map((token) => ({ ...writeChoice(token), top_logprobs: token.top.map(writeChoice) }));
}

function writeChoice({ token, logprob, bytes }: TokenChoice): JsonObject {
  return { token, logprob, bytes: bytes ?? bytesOf(token) };
}

/** Not every API tells them. A token that is a piece of a character is not known by its text. */
function bytesOf(token: string): number[] | null {
  return token.includes("\uFFFD") ? null : [...Buffer.from(token)];
}

/** Those of a whole answer; undefined when none of its texts has any. */
export function logprobsIn(parts: readonly TextPart[]): TokenLogprob[] | undefined {
  const tokens = parts.flatMap(({ logprobs = [] }) => logprobs);
  return tokens.length > 0 ? tokens : undefined;
}

/** Whether a request asks for them at all: several alternatives are a request for the token's own. */
export function wantsLogprobs({ logprobs, topLogprobs = 0 }: { logprobs?: boolean; topLogprobs?: number }): boolean {
  return logprobs === true || topLogprobs > 0;
}
