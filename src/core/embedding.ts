import type { JsonObject } from "./json.ts";
import type { Dialect } from "./part.ts";

/** A request for embeddings, in the router's own words. */
export interface EmbeddingRequest {
  model: string;
  /** Texts, or texts as token ids. Never empty. */
  input: string[] | number[][];
  dimensions?: number;
  /** How the client wants its vectors; the OpenAI SDK asks for `base64` (little-endian float32). */
  encoding: "float" | "base64";
  user?: string;
  /** Fields only the client's dialect knows, for each input its own (Gemini's `taskType`, `title`). */
  extra?: { dialect: Dialect; fields: JsonObject[] };
}

export interface EmbeddingResult {
  model: string;
  /** One vector for each input, in order. */
  vectors: number[][];
  inputTokens?: number;
}
