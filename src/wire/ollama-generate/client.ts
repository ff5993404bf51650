import type { JsonObject } from "../../core/json.ts";
import type { Part } from "../../core/part.ts";
import { type ChatRequest, emptyRequest } from "../../core/request.ts";
import type { ChatResponse } from "../../core/response.ts";
import type { AnswerContext, ClientHalf, Headers } from "../format.ts";
import { head, tail, writeCall } from "../ollama/answer/write-answer.ts";
import { gather, topLogprobs } from "../ollama/answer/write-response.ts";
import { emptyLine, type LineShape, OllamaStream } from "../ollama/answer/write-stream.ts";
import { writeGenerateLoad } from "../ollama/client.ts";
import { writeError } from "../ollama/errors.ts";
import { requiredString, stringField } from "../ollama/fields.ts";
import { readImages } from "../ollama/request/read-messages.ts";
import { readSettings } from "../ollama/request/read-settings.ts";
import { sessionIn } from "../session.ts";

const GENERATE_LINES: LineShape = {
  text: (response) => ({ response }),
  thinking: (thinking) => ({ response: "", thinking }),
  calls: (tool_calls) => ({ response: "", tool_calls }),
};

/** `POST /api/generate`: one prompt. What only this endpoint has (`suffix`, `template`, `raw`, `context`) is in `extra`. */
export const ollamaGenerateClient: ClientHalf = {
  dialect: "ollama-generate",
  streamType: "application/x-ndjson",
  readRequest,
  answerAtOnce: (body, nowMs) => (isGenerateLoadRequest(body) ? writeGenerateLoad(body, nowMs) : undefined),
  writeResponse,
  writeStream: (context) => new OllamaStream(context, GENERATE_LINES),
  keepAlive: (model, wallMs) => emptyLine(GENERATE_LINES, model, wallMs),
  writeError,
};

function readRequest(body: JsonObject, headers: Headers): ChatRequest {
  const request = emptyRequest("ollama-generate", requiredString(body["model"], "model"));
  readSettings(body, ["prompt", "system", "images"], request);
  const session = sessionIn(headers);
  if (session !== undefined) request.identity.session = session;
  const system = stringField(body["system"], "system");
  if (system) request.system.push({ type: "text", text: system });
  const prompt = stringField(body["prompt"], "prompt");
  const images = readImages(body["images"], "images");
  const parts: Part[] = prompt ? [{ type: "text", text: prompt }, ...images] : images;
  if (parts.length > 0) request.messages.push({ role: "user", parts });
  return request;
}

/** True for a body with a model, but without prompt and images: Ollama then only loads it. */
export function isGenerateLoadRequest(body: JsonObject): boolean {
  const { model, prompt, images, suffix } = body;
  return typeof model === "string" && !prompt && !suffix && !(Array.isArray(images) && images.length > 0);
}

function writeResponse(response: ChatResponse, context: AnswerContext): JsonObject {
  const { text, thinking, calls } = gather(response.parts, context);
  return {
    ...head(response.model || context.request.model, context),
    response: text,
    ...(thinking !== "" && { thinking }),
    ...(calls.length > 0 && { tool_calls: calls.map(writeCall) }),
    ...topLogprobs(response.parts),
    ...tail(response.finish.reason, response.usage, 0, context),
  };
}
