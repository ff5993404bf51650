import { Ollama } from "ollama";
import { asNumber, asObject, asString, type JsonObject, objectsOf } from "../../../src/core/json.ts";
import { type Ask, asJson, type Heard, heardTokens, noteError, sdkParams, tap } from "./heard.ts";

/** Native chat through the official library. */
export const askOllama: Ask = async (base, body, stream) => {
  const wire = tap();
  const client = new Ollama({ host: base, fetch: wire.fetch });
  const heard = wire.heard();
  const params = { ...body, stream };
  try {
    if (stream) {
      const lines = await client.chat(sdkParams<Parameters<typeof client.chat>[0] & { stream: true }>(params));
      for await (const line of lines) readLine(heard, asJson(line));
    } else {
      const answer = await client.chat(sdkParams<Parameters<typeof client.chat>[0] & { stream: false }>(params));
      readLine(heard, asJson(answer));
    }
  } catch (error) {
    noteError(heard, error);
  }
  return heard;
};

/** Native completion through the official library. */
export const askGenerate: Ask = async (base, body, stream) => {
  const wire = tap();
  const client = new Ollama({ host: base, fetch: wire.fetch });
  const heard = wire.heard();
  const params = { ...body, stream };
  try {
    if (stream) {
      const lines = await client.generate(sdkParams<Parameters<typeof client.generate>[0] & { stream: true }>(params));
      for await (const line of lines) readLine(heard, asJson(line));
    } else {
      const answer = await client.generate(
        sdkParams<Parameters<typeof client.generate>[0] & { stream: false }>(params),
      );
      readLine(heard, asJson(answer));
    }
  } catch (error) {
    noteError(heard, error);
  }
  return heard;
};

function readLine(heard: Heard, line: JsonObject): void {
  const message = asObject(line["message"]) ?? {};
  heard.text += asString(message["content"]) ?? asString(line["response"]) ?? "";
  heard.thinking += asString(message["thinking"]) ?? asString(line["thinking"]) ?? "";
  heard.logprobs.push(...heardTokens(line["logprobs"]));
  for (const call of objectsOf(message["tool_calls"])) {
    const called = asObject(call["function"]) ?? {};
    heard.toolCalls.push({
      id: String(call["id"]),
      name: String(called["name"]),
      args: JSON.stringify(called["arguments"]),
    });
  }
  if (line["done"] !== true) return;
  heard.finish = asString(line["done_reason"]) ?? "none";
  heard.usage = {
    input: asNumber(line["prompt_eval_count"]) ?? -1,
    output: asNumber(line["eval_count"]) ?? -1,
    cachedRead: asNumber(line["prompt_eval_cached_count"]) ?? 0,
  };
}
