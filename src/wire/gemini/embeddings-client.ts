import type { EmbeddingRequest } from "../../core/embedding.ts";
import { asNumber, asString, type JsonObject } from "../../core/json.ts";
import type { EmbeddingClientHalf } from "../format.ts";
import { camelKeys, objectField, objectList, refuse, restOf } from "./request/read/read-fields.ts";
import { bareModel } from "./request/read/read-request.ts";

/** `:embedContent`: one content. */
export const geminiEmbedClient: EmbeddingClientHalf = {
  readRequest: (body) => readEmbeddings([camelKeys(body)], body),
  writeResponse: (result) => ({ embedding: { values: result.vectors[0] ?? [] } }),
};

/** `:batchEmbedContents`: what the SDK sends, for one content too. */
export const geminiBatchEmbedClient: EmbeddingClientHalf = {
  readRequest: (body) => readEmbeddings(objectList(body["requests"], "requests"), body),
  writeResponse: (result) => ({ embeddings: result.vectors.map((values) => ({ values })) }),
};

/** The endpoint has put the model of the path into `body`. */
function readEmbeddings(requests: JsonObject[], body: JsonObject): EmbeddingRequest {
  if (requests.length === 0) return refuse("requests", "is not specified");
  const sizes = requests.map((request) => asNumber(request["outputDimensionality"]) ?? sizeInConfig(request));
  const [dimensions] = sizes;
  const fields = requests.map((request) => restOf(request, KNOWN) ?? {});
  if (sizes.some((size) => size !== dimensions)) return refuse("requests", "must all ask for one outputDimensionality");
  return {
    model: bareModel(asString(body["model"]) ?? ""),
    input: requests.map((request, at) => readText(request, requests.length === 1 ? "" : `requests[${at}].`)),
    encoding: "float",
    ...(dimensions !== undefined && { dimensions }),
    ...(fields.some((each) => Object.keys(each).length > 0) && { extra: { dialect: "gemini", fields } }),
  };
}

const KNOWN = new Set(["model", "content", "outputDimensionality", "embedContentConfig"]);

function sizeInConfig(request: JsonObject): number | undefined {
  return asNumber(objectField(request, "embedContentConfig")?.["outputDimensionality"]);
}

function readText(request: JsonObject, path: string): string {
  const parts = objectList(objectField(request, "content")?.["parts"], `${path}content.parts`);
  const texts = parts.map(
    (part, at) => asString(part["text"]) ?? refuse(`${path}content.parts[${at}]`, "must be text"),
  );
  return texts.length > 0 ? texts.join("\n") : refuse(`${path}content`, "content is not specified");
}
