import type { Json, JsonObject } from "../../core/json.ts";
import type { Part } from "../../core/part.ts";
import { type ChatRequest, emptyRequest } from "../../core/request.ts";
import type { Headers } from "../format.ts";
import { badField, numberField, readPlugins, remainder, stringField } from "../openai/request/fields.ts";
import { readIdentity, readSampling, readStreaming } from "../openai/request/read-request.ts";

const KNOWN: ReadonlySet<string> = new Set(
  (
    "model prompt stream stream_options max_tokens temperature top_p top_k min_p repeat_penalty repetition_penalty " +
    "frequency_penalty presence_penalty seed n stop logit_bias user safety_identifier prompt_cache_key metadata plugins"
  ).split(" "),
);

/** One prompt becomes one user message. What only a completion has (`suffix`, `echo`, …) stays in `extra`. */
export function readRequest(body: JsonObject, headers: Headers): ChatRequest {
  const model = stringField(body, "model");
  if (!model) throw badField("model", "must be the name of a model");
  const request = emptyRequest("openai-completions", model);
  const parts = readPrompt(body["prompt"]);
  request.messages = [{ role: "user", parts }];
  request.sampling = readSampling({ ...body, logprobs: null, top_logprobs: null });
  const limit = numberField(body, "max_tokens");
  if (limit !== undefined) request.maxOutputTokens = limit;
  readIdentity(body, headers, request);
  request.plugins = readPlugins(body);
  request.extra = remainder(body, KNOWN);
  if (!isOneText(body["prompt"])) request.extra["prompt"] = body["prompt"];
  readStreaming(body, request);
  return request;
}

/** The texts of a prompt, as far as it is made of text. */
function readPrompt(prompt: Json | undefined): Part[] {
  if (typeof prompt === "string") return prompt === "" ? [] : [{ type: "text", text: prompt }];
  if (!Array.isArray(prompt) || prompt.length === 0) throw badField("prompt", "must be a string, or a list of prompts");
  return prompt.flatMap((entry) => (typeof entry === "string" && entry !== "" ? [{ type: "text", text: entry }] : []));
}

/** Several prompts ask for several answers, and token ids are one model's own: only a server of this endpoint takes them. */
function isOneText(prompt: Json | undefined): boolean {
  return typeof prompt === "string" || (Array.isArray(prompt) && prompt.length === 1 && typeof prompt[0] === "string");
}
