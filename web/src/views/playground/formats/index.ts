import { anthropic } from "./anthropic.ts";
import type { ClientFormat } from "./format.ts";
import { gemini } from "./gemini.ts";
import { ollama } from "./ollama.ts";
import { openaiChat } from "./openai-chat.ts";
import { openaiResponses } from "./openai-responses.ts";

/** Every API clients may speak to the router. */
export const FORMATS: readonly ClientFormat[] = [openaiChat, openaiResponses, anthropic, ollama, gemini];

/** By name; the first where there is none of that name. */
export function formatNamed(name: string): ClientFormat {
  return FORMATS.find((format) => format.name === name) ?? openaiChat;
}
