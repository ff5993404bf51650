import { checkStream } from "../check-stream.ts";
import { askAnthropic } from "./anthropic.ts";
import { askGemini } from "./gemini.ts";
import type { Ask, ClientFormat } from "./heard.ts";
import { askGenerate, askOllama } from "./ollama.ts";
import { askChat, askCompletions } from "./openai.ts";
import { askResponses } from "./responses.ts";

/** How a client of each API asks: through its official SDK, whatever the bytes look like. */
export const ASK_UNCHECKED: Record<ClientFormat, Ask> = {
  openai: askChat,
  "openai-responses": askResponses,
  anthropic: askAnthropic,
  ollama: askOllama,
  "openai-completions": askCompletions,
  "ollama-generate": askGenerate,
  gemini: askGemini,
};

/** The same, and every stream that comes must keep the grammar of its API: a test that gets another fails, whatever it is about. */
export const ASK: Record<ClientFormat, Ask> = {
  openai: checked("openai"),
  "openai-responses": checked("openai-responses"),
  anthropic: checked("anthropic"),
  ollama: checked("ollama"),
  "openai-completions": checked("openai-completions"),
  "ollama-generate": checked("ollama-generate"),
  gemini: checked("gemini"),
};

function checked(format: ClientFormat): Ask {
  return async (base, body, stream) => {
    const heard = await ASK_UNCHECKED[format](base, body, stream);
    if (stream && heard.status === 200 && !heard.broken) checkStream(format, heard.bytes);
    return heard;
  };
}
