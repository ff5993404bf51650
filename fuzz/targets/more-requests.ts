import type { EmbeddingRequest } from "../../src/core/embedding.ts";
import { anthropicCountClient } from "../../src/wire/anthropic/count-tokens.ts";
import type { EmbeddingClientHalf, TokenCountClientHalf } from "../../src/wire/format.ts";
import { geminiBatchEmbedClient, geminiEmbedClient } from "../../src/wire/gemini/embeddings-client.ts";
import { geminiCountClient } from "../../src/wire/gemini/token-count-client.ts";
import { ollamaEmbedClient, ollamaEmbeddingsClient } from "../../src/wire/ollama/embeddings.ts";
import { openaiEmbeddingClient } from "../../src/wire/openai/embeddings.ts";
import { inputTokensClient } from "../../src/wire/openai-responses/input-tokens.ts";
import { EMBEDDING_PROVIDERS, TOKEN_COUNTERS } from "../../src/wire/registry.ts";
import type { Target } from "../engine/target.ts";
import { bodyOf, isBadRequest, isOwnError, isRefused, unlessRefused } from "./documented.ts";
import { seedsOf } from "./requests.ts";

const EMBEDDING_CLIENTS: Record<string, EmbeddingClientHalf> = {
  openai: openaiEmbeddingClient,
  ollama: ollamaEmbedClient,
  "ollama-old": ollamaEmbeddingsClient,
  gemini: geminiEmbedClient,
  "gemini-batch": geminiBatchEmbedClient,
};
const COUNT_CLIENTS: [TokenCountClientHalf, "anthropic" | "gemini" | "openai-responses"][] = [
  [anthropicCountClient, "anthropic"],
  [geminiCountClient, "gemini"],
  [inputTokensClient, "openai-responses"],
];

const EMBEDDINGS: Target = {
  name: "embeddings",
  words: ["wire/*/embedding*.ts"],
  seeds: () => [
    '{"model":"m","input":"hi"}',
    '{"model":"m","input":["hi","you"],"dimensions":3,"encoding_format":"base64","truncate":true}',
    '{"model":"m","prompt":"hi"}',
    '{"model":"m","content":{"parts":[{"text":"hi"}]},"outputDimensionality":3}',
    '{"requests":[{"model":"models/m","content":{"parts":[{"text":"hi"}]}}]}',
    '{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.1,2]}],"model":"m","usage":{"prompt_tokens":1}}',
    '{"data":[{"index":0,"embedding":"AACAPwAAAEA="}]}',
    '{"model":"m","embeddings":[[0.1,2]],"prompt_eval_count":3}',
    '{"embeddings":[{"values":[0.1,2]}]}',
  ],
  run(input) {
    const body = bodyOf(input)?.body;
    if (!body) return;
    const results = [...EMBEDDING_PROVIDERS.values()].map((half) =>
      unlessRefused(input, () => half.readResponse(body), isOwnError),
    );
    for (const client of Object.values(EMBEDDING_CLIENTS)) {
      const request = unlessRefused(input, () => client.readRequest(body), isBadRequest);
      const asked: EmbeddingRequest = request ?? { model: "m", input: ["hi"], encoding: "float" };
      if (request)
        for (const half of EMBEDDING_PROVIDERS.values())
          unlessRefused(input, () => JSON.stringify(half.writeRequest(request, "m")), isRefused);
      for (const result of results) if (result) JSON.stringify(client.writeResponse(result, asked));
    }
  },
};

const COUNTS: Target = {
  name: "count-tokens",
  words: ["wire/*/*count*.ts", "wire/openai-responses/input-tokens.ts", "wire/{anthropic,gemini}/request/**/read*.ts"],
  *seeds() {
    yield '{"input_tokens":7}';
    yield '{"totalTokens":7}';
    for (const [, format] of COUNT_CLIENTS) yield* seedsOf(format);
  },
  run(input) {
    const body = bodyOf(input)?.body;
    if (!body) return;
    for (const half of TOKEN_COUNTERS.values()) {
      const tokens = unlessRefused(
        input,
        () => half.readResponse(body),
        () => false,
      );
      if (tokens !== undefined && !(tokens >= 0)) throw new Error(`counted ${tokens} tokens`);
    }
    for (const [client] of COUNT_CLIENTS) {
      const request = unlessRefused(
        input,
        () => client.readRequest(body, {}, { model: "m", stream: false }),
        isBadRequest,
      );
      if (!request) continue;
      for (const half of TOKEN_COUNTERS.values())
        unlessRefused(
          input,
          () => JSON.stringify(half.writeRequest(request, { model: "m", quirks: {} })),
          () => false,
        );
    }
  },
};

export const MORE_REQUESTS: readonly Target[] = [EMBEDDINGS, COUNTS];
