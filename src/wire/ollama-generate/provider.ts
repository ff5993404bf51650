import { type JsonObject, objectsOf } from "../../core/json.ts";
import type { Losses } from "../../core/loss.ts";
import { type Part, textOf } from "../../core/part.ts";
import type { ChatRequest, Message } from "../../core/request.ts";
import { ndjsonReader } from "../bytes/stream.ts";
import type { ProviderHalf, TargetInfo } from "../format.ts";
import { OllamaAnswer } from "../ollama/answer/read-answer.ts";
import { readError } from "../ollama/errors.ts";
import { readWhole } from "../ollama/provider.ts";
import { writeRequest } from "../ollama/request/write-request.ts";
import { OLLAMA_SUPPORT } from "../ollama/support.ts";

/**
 * For clients of `/api/generate` on an Ollama provider, and for completions with a suffix. A conversation does not fit into
 * one prompt: only these are written.
 */
export const ollamaGenerateProvider: ProviderHalf = {
  dialect: "ollama-generate",
  support: { ...OLLAMA_SUPPORT, function_tools: "refused", custom_tools: "refused" },
  path: () => "/api/generate",
  writeRequest: writeGenerate,
  headers: () => ({}),
  readResponse: readWhole,
  readStream: () => ndjsonReader(new OllamaAnswer()),
  readError,
};

/** A completion's text behind the gap: beside the prompt, so that the window asked for holds both. */
function withSuffix(request: ChatRequest): { request: ChatRequest; suffix?: string } {
  const { suffix, ...extra } = request.extra;
  if (request.dialect !== "openai-completions" || typeof suffix !== "string") return { request };
  const behind: Part = { type: "text", text: suffix };
  const [only] = request.messages;
  const message: Message = { role: "user", parts: [...(only?.parts ?? []), behind] };
  return { request: { ...request, messages: [message], extra }, suffix };
}

/** The chat body, with its one or two messages turned into `system`, `prompt` and `images`. */
function writeGenerate(request: ChatRequest, target: TargetInfo, losses: Losses): JsonObject {
  const asked = withSuffix(request);
  if (request.tools.length > 0) losses.drop("function_tools", "tools");
  const [only, ...more] = request.messages;
  if (more.length > 0 || (only && only.role !== "user")) losses.reject("messages", "only one prompt can be sent");
  // To the chat writer `suffix` and its like are strange; here they are at home.
  const dialect = request.dialect === "ollama-generate" ? "ollama" : request.dialect;
  const { model, messages, ...rest } = writeRequest({ ...asked.request, dialect, tools: [] }, target, losses);
  const system = objectsOf(messages).find((message) => message["role"] === "system");
  const prompt = objectsOf(messages).find((message) => message["role"] === "user");
  return {
    model,
    prompt: asked.suffix === undefined ? (prompt?.["content"] ?? "") : textOf(only?.parts ?? []),
    ...(asked.suffix !== undefined && { suffix: asked.suffix }),
    ...(system && { system: system["content"] }),
    ...(prompt?.["images"] && { images: prompt["images"] }),
    ...rest,
  };
}
