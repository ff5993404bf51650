import { asArray, asNumber, asObject, asString } from "../../core/json.ts";
import type { EmbeddingProviderHalf } from "../format.ts";

/** The built-in provider's embeddings: request and result as the router has them. */
export const simulatedEmbeddingProvider: EmbeddingProviderHalf = {
  path: () => "/embed",
  writeRequest: (request, model) => ({ ...request, model }),
  readResponse(body) {
    const result = asObject(body);
    const vectors = asArray(result?.["vectors"]);
    if (!result || !vectors) throw new Error("the simulated provider sent no vectors");
    const inputTokens = asNumber(result["inputTokens"]);
    return {
      model: asString(result["model"]) ?? "",
      vectors: vectors.map((vector) => (asArray(vector) ?? []).map((value) => asNumber(value) ?? 0)),
      ...(inputTokens !== undefined && { inputTokens }),
    };
  },
};
