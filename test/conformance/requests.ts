import type { ClientFormat } from "../support/clients/heard.ts";
import { PLAIN } from "./feature.ts";

/** Where each API's clients send their requests. */
export const PATHS: Record<ClientFormat, string> = {
  openai: "/v1/chat/completions",
  "openai-responses": "/v1/responses",
  anthropic: "/v1/messages",
  ollama: "/api/chat",
  "openai-completions": "/v1/completions",
  "ollama-generate": "/api/generate",
};

/** A plain request as text. */
export function plainBody(client: ClientFormat, model: string, stream: boolean): string {
  return JSON.stringify({ model, ...PLAIN[client], stream });
}
