import type { JsonObject } from "../../../src/core/json.ts";
import type { UpstreamFormat } from "../upstream/answer.ts";
import { seenByAnthropic } from "./anthropic.ts";
import { seenByChat } from "./chat.ts";
import { seenByOllama } from "./ollama.ts";
import { seenByResponses } from "./responses.ts";
import type { Seen } from "./seen.ts";

const READERS: Record<UpstreamFormat, (body: JsonObject) => Seen> = {
  openai: seenByChat,
  "openai-responses": seenByResponses,
  anthropic: seenByAnthropic,
  ollama: seenByOllama,
};

/** What a provider of this format was asked. */
export function readSeen(format: UpstreamFormat, body: JsonObject): Seen {
  return READERS[format](body);
}
