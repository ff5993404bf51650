import { assignOwn, type JsonObject } from "../../core/json.ts";
import type { Feature, Losses } from "../../core/loss.ts";
import { type Part, textOf } from "../../core/part.ts";
import type { ChatRequest } from "../../core/request.ts";
import type { TargetInfo } from "../format.ts";
import { dropExtra } from "../loss/unknown-fields.ts";
import { writeIdentity } from "../openai/request/write-identity.ts";
import { writeSampling } from "../openai/request/write-sampling.ts";

/** What a part becomes when only text can go. */
const FEATURE_OF_PART: Partial<Record<Part["type"], Feature>> = {
  image: "image_data",
  document: "document_data",
  audio: "audio",
  "tool-call": "function_tools",
  "tool-result": "function_tools",
  reasoning: "reasoning_text",
  opaque: "opaque_parts",
};

export function writeRequest(request: ChatRequest, target: TargetInfo, losses: Losses): JsonObject {
  const body: JsonObject = { model: target.model, prompt: promptOf(request, losses) };
  const { logprobs, topLogprobs, ...sampling } = request.sampling;
  writeSampling({ ...request, sampling }, target, body, losses);
  if (logprobs || topLogprobs) losses.drop("logprobs");
  if (request.maxOutputTokens !== undefined) body["max_tokens"] = request.maxOutputTokens;
  writeIdentity(request, body, losses);
  if (request.tools.length > 0) losses.drop("function_tools", "tools");
  if (request.output) losses.drop(request.output.kind === "json" ? "json_object" : "json_schema", "response_format");
  if (request.reasoning) losses.drop("reasoning_effort", "reasoning");
  if (request.verbosity !== undefined) losses.drop("verbosity");
  const { prompt } = request.extra;
  if (request.dialect === "openai-completions")
    assignOwn(body, { ...request.extra, ...body, ...(prompt && { prompt }) });
  else dropExtra(request, losses);
  const { key } = request.cache;
  if (key !== undefined && request.dialect === "openai-completions") body["prompt_cache_key"] = key;
  else if (key !== undefined) losses.drop("cache_key", "prompt_cache_key");
  if (request.stream) Object.assign(body, { stream: true, stream_options: { include_usage: true } });
  return body;
}

/** The bare text: a model at this endpoint has no template that roles could be written in. */
function promptOf(request: ChatRequest, losses: Losses): string {
  const texts = [textOf(request.system, "\n\n")];
  request.messages.forEach((message, index) => {
    message.parts.forEach((part, at) => {
      const feature = FEATURE_OF_PART[part.type];
      if (feature) losses.drop(feature, `messages[${index}].content[${at}]`);
    });
    texts.push(textOf(message.parts, "\n\n"));
  });
  return texts
    .filter((text) => text !== "")
    .join("\n\n")
    .toWellFormed();
}
