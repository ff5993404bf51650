import OpenAI from "openai";
import { asNumber, asObject, asString, type JsonObject, objectsOf } from "../../../src/core/json.ts";
import { type Ask, asJson, type Heard, heardTokens, noteError, sdkParams, tap } from "./heard.ts";

type StreamParams = OpenAI.Responses.ResponseCreateParamsStreaming & { stream: true };

/** Responses through the official SDK, whose accumulator checks every event of a stream. */
export const askResponses: Ask = async (base, body, stream) => {
  const wire = tap();
  const client = new OpenAI({ baseURL: `${base}/v1`, apiKey: "client-key", maxRetries: 0, fetch: wire.fetch });
  const heard = wire.heard();
  try {
    const response = stream
      ? await client.responses.stream(sdkParams<StreamParams>({ ...body, stream: true })).finalResponse()
      : await client.responses.create(sdkParams<OpenAI.Responses.ResponseCreateParamsNonStreaming>(body));
    readResponse(heard, asJson(response));
    if (heard.finish === "in_progress") throw new Error("the stream ended without a terminal event");
  } catch (error) {
    noteError(heard, error);
  }
  return heard;
};

function readResponse(heard: Heard, response: JsonObject): void {
  for (const item of objectsOf(response["output"])) readItem(heard, item);
  const reason = asObject(response["incomplete_details"])?.["reason"];
  heard.finish = String(response["status"]) + (reason === undefined ? "" : `:${String(reason)}`);
  if (response["status"] === "failed") heard.error = { status: undefined, message: JSON.stringify(response["error"]) };
  const usage = asObject(response["usage"]);
  if (!usage) return;
  const input = asObject(usage["input_tokens_details"]) ?? {};
  const output = asObject(usage["output_tokens_details"]) ?? {};
  heard.usage = {
    input: asNumber(usage["input_tokens"]) ?? -1,
    output: asNumber(usage["output_tokens"]) ?? -1,
    cachedRead: asNumber(input["cached_tokens"]) ?? 0,
    cacheWrite: asNumber(input["cache_write_tokens"]) ?? 0,
    reasoning: asNumber(output["reasoning_tokens"]) ?? 0,
  };
}

function readItem(heard: Heard, item: JsonObject): void {
  if (item["type"] === "function_call") {
    heard.toolCalls.push({
      id: String(item["call_id"]),
      name: String(item["name"]),
      args: String(item["arguments"]),
    });
  }
  if (item["type"] === "reasoning") {
    const parts = [...objectsOf(item["summary"]), ...objectsOf(item["content"])];
    for (const part of parts) heard.thinking += asString(part["text"]) ?? "";
    const state = asString(item["encrypted_content"]);
    if (state !== undefined) heard.state = state;
  }
  if (item["type"] !== "message") return;
  for (const part of objectsOf(item["content"])) {
    heard.text += asString(part["text"]) ?? "";
    heard.logprobs.push(...heardTokens(part["logprobs"]));
    heard.refusal += asString(part["refusal"]) ?? "";
    for (const { url, title } of objectsOf(part["annotations"])) {
      heard.citations.push({ url: String(url), title: String(title) });
    }
  }
}
