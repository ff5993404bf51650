import type { Dialect } from "../core/part.ts";
import type { ChatRequest } from "../core/request.ts";
import { anthropicTokenCount } from "./anthropic/count-tokens.ts";
import { anthropicProvider } from "./anthropic/provider.ts";
import type { EmbeddingProviderHalf, ProviderHalf, TokenCountHalf } from "./format.ts";
import { geminiEmbeddingProvider } from "./gemini/embedding-provider.ts";
import { geminiProvider } from "./gemini/provider.ts";
import { geminiTokenCount } from "./gemini/token-count.ts";
import { ollamaEmbeddingProvider } from "./ollama/embeddings.ts";
import { ollamaProvider } from "./ollama/provider.ts";
import { ollamaGenerateProvider } from "./ollama-generate/provider.ts";
import { openaiEmbeddingProvider } from "./openai/embeddings.ts";
import { openaiProvider } from "./openai/provider.ts";
import { openaiCompletionsProvider } from "./openai-completions/provider.ts";
import { responsesTokenCount } from "./openai-responses/input-tokens.ts";
import { responsesProvider } from "./openai-responses/provider.ts";
import { simulatedEmbeddingProvider } from "./simulated/embeddings.ts";
import { simulatedProvider } from "./simulated/provider.ts";

/** The dialect each provider `format` is translated to. */
export const PROVIDER_HALVES: ReadonlyMap<Dialect, ProviderHalf> = new Map(
  [openaiProvider, responsesProvider, anthropicProvider, geminiProvider, ollamaProvider, simulatedProvider].map(
    (half) => [half.dialect, half],
  ),
);

/** Further endpoints servers of a format have: clients of these dialects are passed through to them. */
const SIBLINGS: ReadonlyMap<Dialect, readonly ProviderHalf[]> = new Map([
  ["openai", [openaiCompletionsProvider]],
  ["ollama", [ollamaGenerateProvider]],
]);

/** The half that reads the answers when this client's bytes go to this provider as they are; undefined: translate. */
export function passthroughHalf(provider: Dialect, client: Dialect): ProviderHalf | undefined {
  if (provider === client) return PROVIDER_HALVES.get(provider);
  return SIBLINGS.get(provider)?.find((half) => half.dialect === client);
}

/** The half a request is translated by: text to be put between two others is no chat, and Ollama has an endpoint for it. */
export function translatingHalf(half: ProviderHalf, { dialect, extra }: ChatRequest): ProviderHalf {
  const between = dialect === "openai-completions" && typeof extra["suffix"] === "string" && extra["suffix"] !== "";
  return between && half.dialect === "ollama" ? ollamaGenerateProvider : half;
}

/** Formats whose servers make embeddings. */
export const EMBEDDING_PROVIDERS: ReadonlyMap<Dialect, EmbeddingProviderHalf> = new Map<Dialect, EmbeddingProviderHalf>(
  [
    ["openai", openaiEmbeddingProvider],
    ["gemini", geminiEmbeddingProvider],
    ["ollama", ollamaEmbeddingProvider],
    ["simulated", simulatedEmbeddingProvider],
  ],
);

/** Formats whose servers count the tokens of a prompt. */
export const TOKEN_COUNTERS: ReadonlyMap<Dialect, TokenCountHalf> = new Map<Dialect, TokenCountHalf>([
  ["anthropic", anthropicTokenCount],
  ["gemini", geminiTokenCount],
  ["openai-responses", responsesTokenCount],
]);
