import { GoogleGenAI } from "@google/genai";
import { asNumber, asObject, asString, type JsonObject, objectsOf } from "../../../src/core/json.ts";
import { type Ask, asJson, type Heard, noteError, tap } from "./heard.ts";

/** generateContent through the official SDK. The body goes as it is: the SDK lays its `extraBody` over what it makes itself. */
export const askGemini: Ask = async (base, body, stream) => {
  const wire = tap();
  const { model, ...extraBody } = body;
  const httpOptions = { baseUrl: base, apiVersion: "v1beta", fetch: wire.fetch };
  const client = new GoogleGenAI({ apiKey: "client-key", httpOptions });
  const heard = wire.heard();
  const params = { model: String(model), contents: "", config: { httpOptions: { extraBody } } };
  try {
    if (stream) {
      for await (const response of await client.models.generateContentStream(params)) hear(heard, asJson(response));
      // The SDK does not mind; Gemini CLI calls such a stream invalid.
      if (heard.finish === undefined) throw new Error("the stream ended without a finish reason");
    } else hear(heard, asJson(await client.models.generateContent(params)));
  } catch (error) {
    noteError(heard, error);
  }
  return heard;
};

function hear(heard: Heard, response: JsonObject): void {
  const [candidate] = objectsOf(response["candidates"]);
  for (const part of objectsOf(asObject(candidate?.["content"])?.["parts"])) hearPart(heard, part);
  const { chosenCandidates, topCandidates } = asObject(candidate?.["logprobsResult"]) ?? {};
  const tops = objectsOf(topCandidates);
  objectsOf(chosenCandidates).forEach(({ token, logProbability }, at) => {
    const top = objectsOf(tops[at]?.["candidates"]).map((choice): [string, number] => [
      String(choice["token"]),
      Number(choice["logProbability"]),
    ]);
    heard.logprobs.push({ token: String(token), logprob: Number(logProbability), top });
  });
  const grounding = asObject(candidate?.["groundingMetadata"]);
  for (const chunk of objectsOf(grounding?.["groundingChunks"])) {
    const web = asObject(chunk["web"]) ?? {};
    heard.citations.push({ url: String(web["uri"]), title: String(web["title"]) });
  }
  const finish =
    asString(candidate?.["finishReason"]) ?? asString(asObject(response["promptFeedback"])?.["blockReason"]);
  if (finish !== undefined) heard.finish = finish;
  const usage = asObject(response["usageMetadata"]);
  if (!usage) return;
  const reasoning = asNumber(usage["thoughtsTokenCount"]) ?? 0;
  heard.usage = {
    input: asNumber(usage["promptTokenCount"]) ?? -1,
    output: (asNumber(usage["candidatesTokenCount"]) ?? 0) + reasoning,
    cachedRead: asNumber(usage["cachedContentTokenCount"]) ?? 0,
    reasoning,
  };
}

function hearPart(heard: Heard, part: JsonObject): void {
  const text = asString(part["text"]) ?? "";
  if (part["thought"] === true) heard.thinking += text;
  else heard.text += text;
  const state = asString(part["thoughtSignature"]);
  if (state !== undefined) heard.state = state;
  const call = asObject(part["functionCall"]);
  if (call)
    heard.toolCalls.push({
      id: String(call["id"]),
      name: String(call["name"]),
      args: call["args"] === undefined ? "" : JSON.stringify(call["args"]),
    });
}
