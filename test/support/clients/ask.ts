import { askAnthropic } from "./anthropic.ts";
import type { Ask, ClientFormat } from "./heard.ts";
import { askGenerate, askOllama } from "./ollama.ts";
import { askChat, askCompletions } from "./openai.ts";
import { askResponses } from "./responses.ts";

/** How a client of each API asks: through its official SDK. */
export const ASK: Record<ClientFormat, Ask> = {
  openai: askChat,
  "openai-responses": askResponses,
  anthropic: askAnthropic,
  ollama: askOllama,
  "openai-completions": askCompletions,
  "ollama-generate": askGenerate,
};
