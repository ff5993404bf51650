import type { EmbeddingRequest } from "../../core/embedding.ts";
import { RouterError } from "../../core/errors.ts";
import { asArray, asString, isObject, type Json } from "../../core/json.ts";
import { tokenCount } from "../../core/usage.ts";
import type { EmbeddingClientHalf, EmbeddingProviderHalf } from "../format.ts";
import { errorInBody } from "./errors.ts";
import { numberField, refuse, requiredString, stringList } from "./fields.ts";

/** `POST /api/embed`. */
export const ollamaEmbedClient: EmbeddingClientHalf = {
  readRequest(body) {
    const value = body["input"];
    const input = typeof value === "string" ? [value] : stringList(value, "input");
    if (input.length === 0) refuse("input", "a text or a list of texts");
    const dimensions = numberField(body["dimensions"], "dimensions");
    return {
      model: requiredString(body["model"], "model"),
      input,
      encoding: "float",
      ...(dimensions !== undefined && { dimensions }),
    };
  },
  writeResponse(result) {
    return {
      model: result.model,
      embeddings: result.vectors,
      ...(result.inputTokens !== undefined && { prompt_eval_count: result.inputTokens }),
    };
  },
};

/** `POST /api/embeddings`, the older one: a single text under `prompt`. */
export const ollamaEmbeddingsClient: EmbeddingClientHalf = {
  readRequest(body) {
    return {
      model: requiredString(body["model"], "model"),
      input: [requiredString(body["prompt"], "prompt")],
      encoding: "float",
    };
  },
  writeResponse: (result) => ({ embedding: result.vectors[0] ?? [] }),
};

export const ollamaEmbeddingProvider: EmbeddingProviderHalf = {
  path: () => "/api/embed",
  writeRequest(request, model) {
    return {
      model,
      input: texts(request),
      ...(request.dimensions !== undefined && { dimensions: request.dimensions }),
    };
  },
  readResponse(body) {
    const failure = isObject(body) ? errorInBody(body) : undefined;
    if (failure) throw new Error(failure.message);
    const list = isObject(body) ? asArray(body["embeddings"]) : undefined;
    if (!isObject(body) || !list) throw new Error("not an embedding answer of Ollama: no embeddings in it");
    const inputTokens = tokenCount(body["prompt_eval_count"]);
    return {
      model: asString(body["model"]) ?? "",
      vectors: list.map(vector),
      ...(inputTokens !== undefined && { inputTokens }),
    };
  },
};

function texts(request: EmbeddingRequest): string[] {
  return request.input.map((input) => {
    if (typeof input === "string") return input;
    throw new RouterError("not_translatable", "Ollama embeds texts, not token ids", { param: "input" });
  });
}

function vector(value: Json): number[] {
  const numbers = asArray(value)?.filter((number) => typeof number === "number");
  if (numbers === undefined || numbers.length !== asArray(value)?.length)
    throw new Error("not an embedding answer of Ollama: a vector is not a list of numbers");
  return numbers;
}
