import { assignOwn, type JsonObject } from "../../../core/json.ts";
import type { Losses } from "../../../core/loss.ts";
import type { ChatRequest, OutputShape } from "../../../core/request.ts";
import type { TargetInfo } from "../../format.ts";
import { dropExtra } from "../../loss/unknown-fields.ts";
import { tierOf, withoutTier } from "../../service-tier.ts";
import { sessionKey } from "../../session.ts";
import { fitSampling, fitVerbosity } from "../fit-model.ts";
import { type ModelRules, rulesOf } from "../model-rules.ts";
import { takesNewFields } from "./new-fields.ts";
import { writeIdentity } from "./write-identity.ts";
import { writeMessages } from "./write-messages.ts";
import { writeReasoning } from "./write-reasoning.ts";
import { writeSampling } from "./write-sampling.ts";
import { writeTools } from "./write-tools.ts";

export function writeRequest(request: ChatRequest, target: TargetInfo, losses: Losses): JsonObject {
  const body: JsonObject = { model: target.model, messages: writeMessages(request, target, losses) };
  writeTools(request, target, body, losses);
  const rules = rulesOf(target.model);
  const effort = writeReasoning(request, target, rules, body, losses);
  const sampling = fitSampling(request, rules, effort, losses);
  writeSampling({ ...request, sampling }, target, body, losses);
  if (request.maxOutputTokens !== undefined) {
    const field = rules.maxTokens ? target.quirks.maxTokensField : "max_completion_tokens";
    body[field ?? "max_tokens"] = request.maxOutputTokens;
  }
  if (request.output) body["response_format"] = responseFormat(request.output);
  writeHints(request, target, rules, body, losses);
  writeIdentity(request, body, losses);
  if (request.dialect === "openai") assignOwn(body, { ...request.extra, ...body });
  else writeForeign(request, target, body, losses);
  if (request.stream) writeStreaming(request, body);
  // Unknown to OpenAI itself, so only where the provider is known to take them.
  if (request.goesOn) Object.assign(body, target.quirks.continues?.body);
  return body;
}

/** Of what only the client's API has, OpenAI itself knows the service tier. */
function writeForeign(request: ChatRequest, { quirks }: TargetInfo, body: JsonObject, losses: Losses): void {
  const tier = quirks.developerRole ? tierOf(request) : undefined;
  // `ultrafast` is known to Responses alone.
  if (tier !== undefined) body["service_tier"] = tier === "ultrafast" ? "fast" : tier;
  dropExtra(tier === undefined ? request : withoutTier(request), losses);
}

/** Usage is always asked for: the router counts it even if the client does not want to see it. */
function writeStreaming(request: ChatRequest, body: JsonObject): void {
  const own = request.dialect === "openai" ? request.extra["stream_options"] : undefined;
  body["stream"] = true;
  body["stream_options"] = { ...(typeof own === "object" ? own : {}), include_usage: true };
}

function responseFormat(output: OutputShape): JsonObject {
  if (output.kind === "json") return { type: "json_object" };
  return {
    type: "json_schema",
    json_schema: {
      name: output.name ?? "response",
      ...(output.description !== undefined && { description: output.description }),
      schema: output.schema,
      ...(output.strict !== undefined && { strict: output.strict }),
    },
  };
}

function writeHints(
  request: ChatRequest,
  target: TargetInfo,
  rules: ModelRules,
  body: JsonObject,
  losses: Losses,
): void {
  const taken = takesNewFields(request, target);
  const verbosity = fitVerbosity(request, rules, losses);
  if (verbosity !== undefined) {
    if (taken) body["verbosity"] = verbosity;
    else losses.changed("verbosity", "dropped");
  }
  if (request.cache.key !== undefined) {
    if (taken) body["prompt_cache_key"] = request.cache.key;
    else losses.drop("cache_key", "prompt_cache_key");
  } else if (request.dialect !== "openai" && taken) {
    const key = sessionKey(request.identity);
    if (key !== undefined) body["prompt_cache_key"] = key;
  }
  if (request.cache.automatic) losses.drop("cache_marks", "cache_control");
}
