import type { ClientFormat } from "../support/clients/heard.ts";
import { PLAIN } from "./feature.ts";

/** Where each API's clients send their requests, whose bodies name the model. */
export const PATHS: Record<Exclude<ClientFormat, "gemini">, string> = {
  openai: "/v1/chat/completions",
  "openai-responses": "/v1/responses",
  anthropic: "/v1/messages",
  ollama: "/api/chat",
  "openai-completions": "/v1/completions",
  "ollama-generate": "/api/generate",
};

/** The same for every client: Gemini's say model and stream in the path. */
export function pathOf(client: ClientFormat, model: string, stream: boolean): string {
  if (client !== "gemini") return PATHS[client];
  return `/v1beta/models/${model}:${stream ? "streamGenerateContent?alt=sse" : "generateContent"}`;
}

/** A plain request as text. */
export function plainBody(client: ClientFormat, model: string, stream: boolean): string {
  return JSON.stringify(client === "gemini" ? PLAIN[client] : { model, ...PLAIN[client], stream });
}
