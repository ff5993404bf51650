import { asNumber, type Json, type JsonObject } from "../../core/json.ts";
import { type ChatRequest, emptyRequest } from "../../core/request.ts";
import { badField, numberField, readPlugins, remainder, stringField } from "../openai/request/fields.ts";
import { readIdentity, readSampling, readStreaming } from "../openai/request/read-request.ts";

const KNOWN: ReadonlySet<string> = new Set(
  (
    "model prompt stream stream_options max_tokens temperature top_p top_k min_p repeat_penalty repetition_penalty " +
    "frequency_penalty presence_penalty seed n stop logit_bias user safety_identifier metadata plugins"
  ).split(" "),
);

/** One prompt becomes one user message. What only a completion has (`suffix`, `echo`, …) stays in `extra`. */
export function readRequest(body: JsonObject): ChatRequest {
  const model = stringField(body, "model");
  if (!model) throw badField("model", "must be the name of a model");
  const request = emptyRequest("openai-completions", model);
  const text = readPrompt(body["prompt"]);
  request.messages = [{ role: "user", parts: text === "" ? [] : [{ type: "text", text }] }];
  request.sampling = readSampling({ ...body, logprobs: null, top_logprobs: null });
  const limit = numberField(body, "max_tokens");
  if (limit !== undefined) request.maxOutputTokens = limit;
  readIdentity(body, request);
  request.plugins = readPlugins(body);
  request.extra = remainder(body, KNOWN);
  readStreaming(body, request);
  return request;
}

function readPrompt(prompt: Json | undefined): string {
  if (typeof prompt === "string") return prompt;
  if (!Array.isArray(prompt)) throw badField("prompt", "must be a string");
  const [only] = prompt;
  if (isTokens(only) || prompt.some((entry) => typeof entry === "number")) {
    throw badField("prompt", "is made of token ids; the router takes text only");
  }
  if (prompt.length !== 1 || typeof only !== "string") {
    throw badField("prompt", `holds ${prompt.length} prompts; the router takes exactly one per request`);
  }
  return only;
}

function isTokens(value: Json | undefined): boolean {
  return Array.isArray(value) && value.every((entry) => asNumber(entry) !== undefined);
}
