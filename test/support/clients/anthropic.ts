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
    if (stream) checkGrammar(heard.raw);
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

/** One message_start, blocks that never overlap with indices 0..n, message_delta, message_stop, and nothing after it. */
export function checkGrammar(raw: string): void {
  let next = 0;
  let open: unknown;
  const seen: string[] = [];
  for (const frame of raw.split(/\r?\n\r?\n/)) {
    if (frame === "" || frame.startsWith(":")) continue;
    const lines = /^event: (\S+)\r?\ndata: ([^\r\n]*)$/.exec(frame);
    if (!lines) throw new Error(`not an event with data: ${frame}`);
    const value: JsonObject = JSON.parse(lines[2] ?? "");
    const type = String(value["type"]);
    if (type !== lines[1]) throw new Error(`event ${lines[1]} has type ${type}`);
    if (type === "ping") continue;
    if (seen.length === 0 && type !== "message_start") throw new Error(`the stream begins with ${type}`);
    if (seen.at(-1) === "message_stop") throw new Error(`${type} after message_stop`);
    if (type === "message_start" && seen.length > 0) throw new Error("a second message_start");
    if (type === "content_block_start") {
      if (open !== undefined) throw new Error("blocks overlap");
      if (value["index"] !== next++) throw new Error(`block index ${String(value["index"])} is not ${next - 1}`);
      open = value["index"];
    }
    if (type === "content_block_delta" && value["index"] !== open) throw new Error("a delta outside its block");
    if (type === "content_block_stop") open = undefined;
    if (type === "message_delta" && open !== undefined) throw new Error("message_delta inside a block");
    seen.push(type);
  }
  if (seen.at(-1) !== "message_stop" || seen.at(-2) !== "message_delta") throw new Error(`ends with ${seen.slice(-2)}`);
}
