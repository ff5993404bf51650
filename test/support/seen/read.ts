import type { JsonObject } from "../../../src/core/json.ts";
import type { UpstreamFormat } from "../upstream/answer.ts";
import { seenByAnthropic } from "./anthropic.ts";
import { seenByChat } from "./chat.ts";
import { seenByGemini } from "./gemini.ts";
import { seenByOllama } from "./ollama.ts";
import { seenByResponses } from "./responses.ts";
import type { Seen } from "./seen.ts";

const READERS: Record<UpstreamFormat, (body: JsonObject, path: string) => Seen> = {
  openai: seenByChat,
  "openai-responses": seenByResponses,
  anthropic: seenByAnthropic,
  gemini: seenByGemini,
  ollama: seenByOllama,
};

/** What a provider of this format was asked. `path`: names the model, in APIs that do not name it in the body. */
export function readSeen(format: UpstreamFormat, body: JsonObject, path = ""): Seen {
  return READERS[format](body, path);
}
