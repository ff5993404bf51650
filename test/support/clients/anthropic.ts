import Anthropic from "@anthropic-ai/sdk";
import { asNumber, asObject, asString, type JsonObject, objectsOf } from "../../../src/core/json.ts";
import { type Ask, asJson, type Heard, noteError, sdkParams, tap } from "./heard.ts";

/** Messages through the official SDK. */
export const askAnthropic: Ask = async (base, body, stream) => {
  const wire = tap();
  const client = new Anthropic({ baseURL: base, apiKey: "client-key", maxRetries: 0, fetch: wire.fetch });
  const heard = wire.heard();
  try {
    const message = stream
      ? await client.messages.stream(sdkParams<Parameters<typeof client.messages.stream>[0]>(body)).finalMessage()
      : await client.messages.create(sdkParams<Anthropic.MessageCreateParamsNonStreaming>(body));
    readMessage(heard, asJson(message));
  } catch (error) {
    noteError(heard, error);
  }
  return heard;
};

function readMessage(heard: Heard, message: JsonObject): void {
  for (const block of objectsOf(message["content"])) readBlock(heard, block);
  heard.finish = asString(message["stop_reason"]) ?? "none";
  if (message["stop_sequence"]) heard.finish += `:${String(message["stop_sequence"])}`;
  const usage = asObject(message["usage"]);
  if (!usage) return;
  const cachedRead = asNumber(usage["cache_read_input_tokens"]) ?? 0;
  const cacheWrite = asNumber(usage["cache_creation_input_tokens"]) ?? 0;
  heard.usage = {
    input: (asNumber(usage["input_tokens"]) ?? -1) + cachedRead + cacheWrite,
    output: asNumber(usage["output_tokens"]) ?? -1,
    cachedRead,
    cacheWrite,
    reasoning: asNumber(asObject(usage["output_tokens_details"])?.["thinking_tokens"]) ?? 0,
  };
}

function readBlock(heard: Heard, block: JsonObject): void {
  switch (block["type"]) {
    case "text":
      heard.text += asString(block["text"]) ?? "";
      for (const { url, title } of objectsOf(block["citations"])) {
        heard.citations.push({ url: String(url), title: String(title) });
      }
      return;
    case "thinking": {
      heard.thinking += asString(block["thinking"]) ?? "";
      const state = asString(block["signature"]);
      if (state) heard.state = state;
      return;
    }
    case "tool_use":
      heard.toolCalls.push({
        id: String(block["id"]),
        name: String(block["name"]),
        args: JSON.stringify(block["input"]),
      });
      return;
  }
}
