import { type Json, type JsonObject, setOwn } from "../../../core/json.ts";
import type { Losses } from "../../../core/loss.ts";
import type { ChatRequest, OutputShape, Sampling } from "../../../core/request.ts";
import type { TargetInfo } from "../../format.ts";
import { wantsLogprobs } from "../../logprobs.ts";
import { classOfUnknown, dropExtra } from "../../loss/unknown-fields.ts";
import { contextFor, NOTHING_CUT } from "./write-context.ts";
import { writeMessages } from "./write-messages.ts";
import { isOllama, writeThink } from "./write-think.ts";
import { writeTools } from "./write-tools.ts";

/** Writes a `/api/chat` body. */
export function writeRequest(request: ChatRequest, target: TargetInfo, losses: Losses): JsonObject {
  const hears = target.info?.capabilities?.has("audio") ?? false;
  const body: JsonObject = { model: target.model, messages: writeMessages(request, losses, hears) };
  const tools = writeTools(request, losses);
  if (tools.length > 0) body["tools"] = tools;
  if (request.output) body["format"] = writeFormat(request.output, tools.length > 0, losses);
  const think = writeThink(request, target, losses);
  if (think !== undefined) body["think"] = think;
  // Said always: the default is the opposite of everybody else's.
  body["stream"] = request.stream;
  const options = writeOptions(request, losses);
  writeLogprobs(request, body);
  if (isOllama(request)) restoreExtra(request, body, options, losses);
  else {
    dropExtra(request, losses);
    Object.assign(body, NOTHING_CUT);
    const context = contextFor(request, target);
    if (context !== undefined) options.push(["num_ctx", context]);
  }
  if (options.length > 0) body["options"] = Object.fromEntries(options);
  dropHints(request, losses);
  return body;
}

function writeLogprobs({ sampling, ...request }: ChatRequest, body: JsonObject): void {
  const { logprobs, topLogprobs } = sampling;
  if (request.dialect === "ollama") {
    if (logprobs !== undefined) body["logprobs"] = logprobs;
    if (topLogprobs !== undefined) body["top_logprobs"] = topLogprobs;
  } else if (wantsLogprobs(sampling))
    Object.assign(body, { logprobs: true }, topLogprobs && { top_logprobs: topLogprobs });
}

function writeFormat(output: OutputShape, withTools: boolean, losses: Losses): Json {
  const feature = output.kind === "json" ? "json_object" : "json_schema";
  // The grammar holds from the first token, so the model cannot begin a call.
  if (withTools) losses.changed(feature, "with tools: the model can no longer call them");
  return output.kind === "json" ? "json" : output.schema;
}

const SAMPLING = [
  ["temperature", "temperature"],
  ["top_p", "topP"],
  ["top_k", "topK"],
  ["min_p", "minP"],
  ["frequency_penalty", "frequencyPenalty"],
  ["presence_penalty", "presencePenalty"],
  ["repeat_penalty", "repeatPenalty"],
  ["seed", "seed"],
  ["stop", "stop"],
] as const satisfies readonly (readonly [option: string, key: keyof Sampling])[];

function writeOptions(request: ChatRequest, losses: Losses): [string, Json | undefined][] {
  const { sampling, maxOutputTokens } = request;
  const options: [string, Json | undefined][] = [];
  for (const [name, key] of SAMPLING) {
    const value = sampling[key];
    if (value !== undefined) options.push([name, value]);
  }
  if (maxOutputTokens !== undefined) options.push(["num_predict", maxOutputTokens]);
  if (sampling.n !== undefined && sampling.n > 1) losses.drop("n");
  if (sampling.logitBias && Object.keys(sampling.logitBias).length > 0) losses.drop("logit_bias");
  return options;
}

/** Fields of `/api/generate` that have no place in a chat. */
const GENERATE_ONLY = ["suffix", "template", "raw", "context"];

function restoreExtra(
  request: ChatRequest,
  body: JsonObject,
  options: [string, Json | undefined][],
  losses: Losses,
): void {
  for (const [name, value] of Object.entries(request.extra)) {
    if (name === "think") continue;
    if (name.startsWith("options.")) options.push([name.slice("options.".length), value]);
    else if (request.dialect === "ollama-generate" && GENERATE_ONLY.includes(name))
      losses.list.push({ field: name, treatment: "dropped", class: classOfUnknown(request.dialect, name) });
    else setOwn(body, name, value);
  }
}

function dropHints(request: ChatRequest, losses: Losses): void {
  if (request.verbosity !== undefined) losses.drop("verbosity");
  if (request.cache.key !== undefined) losses.drop("cache_key");
  if (request.cache.automatic) losses.drop("cache_marks", "cache_control");
  if (request.identity.user !== undefined) losses.drop("user");
  if (request.identity.metadata) losses.drop("metadata");
}
