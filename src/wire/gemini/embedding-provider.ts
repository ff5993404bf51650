import type { EmbeddingRequest, EmbeddingResult } from "../../core/embedding.ts";
import { RouterError } from "../../core/errors.ts";
import { asObject, isObject, type Json, type JsonObject, objectsOf } from "../../core/json.ts";
import { tokenCount } from "../../core/usage.ts";
import type { EmbeddingProviderHalf } from "../format.ts";
import { modelPath } from "./model-path.ts";

/** `:batchEmbedContents` takes one text as well as many. */
export const geminiEmbeddingProvider: EmbeddingProviderHalf = {
  path: (model) => modelPath(model, "batchEmbedContents"),
  writeRequest,
  readResponse,
};

function writeRequest({ input, dimensions, extra }: EmbeddingRequest, model: string): JsonObject {
  const named = model.includes("/") ? model : `models/${model}`;
  return {
    requests: input.map((text, at) => {
      if (typeof text !== "string")
        throw new RouterError("not_translatable", "the provider (gemini) takes texts, not token ids", {
          param: "input",
        });
      return {
        model: named,
        content: { parts: [{ text: text.toWellFormed() }] },
        ...(dimensions !== undefined && { outputDimensionality: dimensions }),
        ...(extra?.dialect === "gemini" && extra.fields[at]),
      };
    }),
  };
}

function readResponse(body: Json): EmbeddingResult {
  if (!isObject(body) || !Array.isArray(body["embeddings"])) throw new Error("the body is not a list of embeddings");
  const inputTokens = tokenCount(asObject(body["usageMetadata"])?.["promptTokenCount"]);
  return {
    model: "",
    vectors: objectsOf(body["embeddings"]).map(({ values }) => readVector(values)),
    ...(inputTokens !== undefined && { inputTokens }),
  };
}

function readVector(values: Json | undefined): number[] {
  const vector = Array.isArray(values) ? values.filter((value) => typeof value === "number") : [];
  if (!Array.isArray(values) || vector.length !== values.length)
    throw new Error("an embedding is not a list of numbers");
  return vector;
}
