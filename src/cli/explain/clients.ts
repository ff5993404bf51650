import type { JsonObject } from "../../core/json.ts";
import { Refusal } from "../io.ts";

/** The APIs that `POST /router/route` takes a body of. */
export const EXPLAIN_CLIENTS = [
  "openai",
  "openai-responses",
  "openai-completions",
  "anthropic",
  "gemini",
  "ollama",
  "ollama-generate",
] as const;
export type ExplainClient = (typeof EXPLAIN_CLIENTS)[number];

/** Throws `Refusal` for what is none of them. */
export function clientNamed(name: string | undefined): ExplainClient | undefined {
  const client = EXPLAIN_CLIENTS.find((known) => known === name);
  if (name === undefined || client !== undefined) return client;
  throw new Refusal(2, `--client must be one of ${EXPLAIN_CLIENTS.join(", ")}, not ${JSON.stringify(name)}`);
}

/** The plainest request of an API that says `prompt`. */
export function bodyOf(client: ExplainClient, model: string, prompt: string): JsonObject {
  const messages = [{ role: "user", content: prompt }];
  switch (client) {
    case "openai-responses":
      return { model, input: prompt };
    case "openai-completions":
    case "ollama-generate":
      return { model, prompt };
    case "anthropic":
      return { model, max_tokens: 4096, messages };
    case "gemini":
      return { contents: [{ role: "user", parts: [{ text: prompt }] }] };
    default:
      return { model, messages };
  }
}
