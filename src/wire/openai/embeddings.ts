import type { EmbeddingRequest, EmbeddingResult } from "../../core/embedding.ts";
import { asNumber, asObject, asString, isObject, type Json, type JsonObject, objectsOf } from "../../core/json.ts";
import { tokenCount } from "../../core/usage.ts";
import type { EmbeddingClientHalf, EmbeddingProviderHalf } from "../format.ts";
import { badField, numberField, stringField } from "./request/fields.ts";

const BYTES_PER_FLOAT = 4;

/** Clients of `POST /v1/embeddings`. */
export const openaiEmbeddingClient: EmbeddingClientHalf = { readRequest, writeResponse };

/** Servers of `/embeddings`. */
export const openaiEmbeddingProvider: EmbeddingProviderHalf = { path: () => "/embeddings", writeRequest, readResponse };

function readRequest(body: JsonObject): EmbeddingRequest {
  const model = stringField(body, "model");
  if (!model) throw badField("model", "must be the name of a model");
  const format = stringField(body, "encoding_format") ?? "float";
  if (format !== "float" && format !== "base64") throw badField("encoding_format", "must be float or base64");
  const dimensions = numberField(body, "dimensions");
  const user = stringField(body, "user");
  return {
    model,
    input: readInput(body["input"]),
    encoding: format,
    ...(dimensions !== undefined && { dimensions }),
    ...(user !== undefined && { user }),
  };
}

/** A text, texts, one text as token ids, or several of those. */
function readInput(input: Json | undefined): string[] | number[][] {
  if (typeof input === "string") return [input];
  const list = Array.isArray(input) ? input : [];
  if (list.length > 0) {
    if (isTexts(list)) return list;
    if (isTokens(list)) return [list];
    if (isTokenLists(list)) return list;
  }
  throw badField("input", "must be a string, or a non-empty array of strings or of token ids");
}

function isTexts(list: Json[]): list is string[] {
  return list.every((entry) => typeof entry === "string");
}

function isTokens(list: Json[]): list is number[] {
  return list.every((entry) => typeof entry === "number");
}

function isTokenLists(list: Json[]): list is number[][] {
  return list.every((entry) => Array.isArray(entry) && entry.length > 0 && isTokens(entry));
}

function writeResponse(result: EmbeddingResult, request: EmbeddingRequest): JsonObject {
  const tokens = result.inputTokens ?? 0;
  return {
    object: "list",
    data: result.vectors.map((vector, index) => ({
      object: "embedding",
      index,
      embedding: request.encoding === "base64" ? encodeVector(vector) : vector,
    })),
    model: result.model || request.model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}

/** `float` is what every compatible server has; `base64` is written for the client here. */
function writeRequest(request: EmbeddingRequest, model: string): JsonObject {
  return {
    model,
    input: request.input,
    encoding_format: "float",
    ...(request.dimensions !== undefined && { dimensions: request.dimensions }),
    ...(request.user !== undefined && { user: request.user }),
  };
}

function readResponse(body: Json): EmbeddingResult {
  if (!isObject(body) || !Array.isArray(body["data"])) throw new Error("the body is not a list of embeddings");
  const entries = objectsOf(body["data"]).map((entry, place) => ({
    index: asNumber(entry["index"]) ?? place,
    vector: readVector(entry["embedding"]),
  }));
  entries.sort((first, second) => first.index - second.index);
  const usage = asObject(body["usage"]);
  const inputTokens = tokenCount(usage?.["prompt_tokens"]) ?? tokenCount(usage?.["total_tokens"]);
  return {
    model: asString(body["model"]) ?? "",
    vectors: entries.map((entry) => entry.vector),
    ...(inputTokens !== undefined && { inputTokens }),
  };
}

function readVector(value: Json | undefined): number[] {
  if (typeof value === "string") return decodeVector(value);
  const vector = Array.isArray(value) ? value.filter((entry) => typeof entry === "number") : [];
  if (!Array.isArray(value) || vector.length !== value.length) throw new Error("an embedding is not a list of numbers");
  return vector;
}

/** Little-endian float32, whatever this machine's order is. */
function encodeVector(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * BYTES_PER_FLOAT);
  vector.forEach((value, index) => {
    bytes.writeFloatLE(value, index * BYTES_PER_FLOAT);
  });
  return bytes.toString("base64");
}

function decodeVector(text: string): number[] {
  const bytes = Buffer.from(text, "base64");
  const vector: number[] = [];
  for (let at = 0; at + BYTES_PER_FLOAT <= bytes.length; at += BYTES_PER_FLOAT) vector.push(bytes.readFloatLE(at));
  return vector;
}
