import type { ChatEvent } from "../../src/core/event.ts";
import { emptyRequest } from "../../src/core/request.ts";
import { type ChatResponse, reduceEvents } from "../../src/core/response.ts";
import { anthropicClient } from "../../src/wire/anthropic/client.ts";
import type { ClientHalf, StreamReader } from "../../src/wire/format.ts";
import { geminiClient } from "../../src/wire/gemini/client.ts";
import { ollamaClient } from "../../src/wire/ollama/client.ts";
import { ollamaGenerateClient } from "../../src/wire/ollama-generate/client.ts";
import { openaiClient } from "../../src/wire/openai/client.ts";
import { openaiCompletionsClient } from "../../src/wire/openai-completions/client.ts";
import { responsesClient } from "../../src/wire/openai-responses/client.ts";
import { PROVIDER_HALVES, passthroughHalf } from "../../src/wire/registry.ts";
import { answerContext } from "../support/answers.ts";
import type { ClientFormat } from "../support/clients/heard.ts";
import { slices } from "../support/streams.ts";
import type { UpstreamFormat } from "../support/upstream/answer.ts";

export const CLIENT_HALVES: Record<ClientFormat, ClientHalf> = {
  openai: openaiClient,
  "openai-responses": responsesClient,
  anthropic: anthropicClient,
  ollama: ollamaClient,
  "openai-completions": openaiCompletionsClient,
  "ollama-generate": ollamaGenerateClient,
  gemini: geminiClient,
};

/** Who serves the older endpoints. */
const SERVER: Partial<Record<ClientFormat, UpstreamFormat>> = {
  "openai-completions": "openai",
  "ollama-generate": "ollama",
};

/** The events of a provider's bytes, cut as `sizes` says; as in the pipeline, what cannot be read is an error. */
export function eventsFrom(
  format: UpstreamFormat,
  bytes: Uint8Array,
  sizes: readonly number[] = [1 << 20],
): ChatEvent[] {
  const half = PROVIDER_HALVES.get(format);
  if (!half) throw new Error(`no provider half for ${format}`);
  return read(half.readStream(), bytes, sizes);
}

function read(reader: StreamReader, bytes: Uint8Array, sizes: readonly number[]): ChatEvent[] {
  const out: ChatEvent[] = [];
  try {
    for (const slice of slices(bytes, sizes)) reader.push(slice, out);
    reader.end(out);
  } catch (error) {
    out.push({ type: "error", failure: { kind: "malformed", message: String(error) } });
  }
  return out;
}

/** What a client of this API gets for these events. */
export function writtenFor(client: ClientFormat, events: readonly ChatEvent[]): Buffer {
  const request = { ...emptyRequest(client, "m"), includeUsage: true, stream: true };
  const writer = CLIENT_HALVES[client].writeStream(answerContext({ request }));
  return Buffer.from(events.map((event) => writer.write(event)).join(""));
}

/** What a client's stream says, read back by the provider half of its API. */
export function readBack(client: ClientFormat, stream: Uint8Array): ChatResponse {
  const half = passthroughHalf(SERVER[client] ?? client, client);
  if (!half) throw new Error(`nobody reads ${client}`);
  return reduceEvents(read(half.readStream(), stream, [1 << 20])).response();
}
