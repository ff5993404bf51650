import OpenAI from "openai";
import { asNumber, asObject, asString, type JsonObject, objectsOf } from "../../../src/core/json.ts";
import { type Ask, asJson, dataLines, type Heard, heardTokens, noteError, sdkParams, tap } from "./heard.ts";

type ChatParams = OpenAI.ChatCompletionCreateParamsStreaming;

/** Chat Completions through the official SDK. */
export const askChat: Ask = async (base, body, stream) => {
  const wire = tap();
  const client = new OpenAI({ baseURL: `${base}/v1`, apiKey: "client-key", maxRetries: 0, fetch: wire.fetch });
  const heard = wire.heard();
  try {
    const completion = stream
      ? await client.chat.completions.stream(sdkParams<ChatParams>({ ...body, stream: true })).finalChatCompletion()
      : await client.chat.completions.create(sdkParams<OpenAI.ChatCompletionCreateParamsNonStreaming>(body));
    readCompletion(heard, asJson(completion));
    if (stream) readChunks(heard);
  } catch (error) {
    noteError(heard, error);
  }
  return heard;
};

function readCompletion(heard: Heard, completion: JsonObject): void {
  const choice = objectsOf(completion["choices"])[0] ?? {};
  const message = asObject(choice["message"]) ?? {};
  heard.text = asString(message["content"]) ?? "";
  heard.logprobs = heardTokens(asObject(choice["logprobs"])?.["content"]);
  heard.refusal = asString(message["refusal"]) ?? "";
  heard.thinking = asString(message["reasoning_content"]) ?? "";
  heard.finish = asString(choice["finish_reason"]) ?? "none";
  for (const call of objectsOf(message["tool_calls"])) {
    const called = asObject(call["function"]) ?? asObject(call["custom"]) ?? {};
    heard.toolCalls.push({
      id: String(call["id"]),
      name: String(called["name"]),
      args: String(called["arguments"] ?? called["input"]),
    });
  }
  readAnnotations(heard, message);
  const usage = asObject(completion["usage"]);
  if (usage) heard.usage = usageOf(usage);
}

function readAnnotations(heard: Heard, message: JsonObject): void {
  for (const annotation of objectsOf(message["annotations"])) {
    const { url, title } = asObject(annotation["url_citation"]) ?? {};
    heard.citations.push({ url: String(url), title: String(title) });
  }
}

/** The SDK keeps only the last of fields it does not know, so those are gathered from the chunks. */
function readChunks(heard: Heard): void {
  heard.thinking = "";
  heard.citations = [];
  for (const chunk of dataLines(heard.raw)) {
    const delta = asObject(objectsOf(chunk["choices"])[0]?.["delta"]) ?? {};
    heard.thinking += asString(delta["reasoning_content"]) ?? "";
    readAnnotations(heard, delta);
  }
}

function usageOf(usage: JsonObject): NonNullable<Heard["usage"]> {
  const prompt = asObject(usage["prompt_tokens_details"]) ?? {};
  const completion = asObject(usage["completion_tokens_details"]) ?? {};
  return {
    input: asNumber(usage["prompt_tokens"]) ?? -1,
    output: asNumber(usage["completion_tokens"]) ?? -1,
    cachedRead: asNumber(prompt["cached_tokens"]) ?? 0,
    cacheWrite: asNumber(prompt["cache_write_tokens"]) ?? 0,
    reasoning: asNumber(completion["reasoning_tokens"]) ?? 0,
  };
}

/** The older completions endpoint through the official SDK. */
export const askCompletions: Ask = async (base, body, stream) => {
  const wire = tap();
  const client = new OpenAI({ baseURL: `${base}/v1`, apiKey: "client-key", maxRetries: 0, fetch: wire.fetch });
  const heard = wire.heard();
  try {
    if (stream) {
      const params = sdkParams<OpenAI.CompletionCreateParamsStreaming>({ ...body, stream: true });
      for await (const chunk of await client.completions.create(params)) readText(heard, asJson(chunk));
      if (heard.finish === undefined) throw new Error("the stream ended without a finish_reason");
    } else {
      const params = sdkParams<OpenAI.CompletionCreateParamsNonStreaming>(body);
      readText(heard, asJson(await client.completions.create(params)));
    }
  } catch (error) {
    noteError(heard, error);
  }
  return heard;
};

function readText(heard: Heard, completion: JsonObject): void {
  const choice = objectsOf(completion["choices"])[0] ?? {};
  heard.text += asString(choice["text"]) ?? "";
  const finish = asString(choice["finish_reason"]);
  if (finish !== undefined) heard.finish = finish;
  const usage = asObject(completion["usage"]);
  if (usage) heard.usage = usageOf(usage);
}
