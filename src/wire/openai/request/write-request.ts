import type { JsonObject } from "../../../core/json.ts";
import type { Losses } from "../../../core/loss.ts";
import type { ChatRequest, Effort, OutputShape, Reasoning } from "../../../core/request.ts";
import type { TargetInfo } from "../../format.ts";
import { dropExtra } from "../../unknown-fields.ts";
import { takesNewFields } from "./new-fields.ts";
import { writeIdentity } from "./write-identity.ts";
import { writeMessages } from "./write-messages.ts";
import { writeSampling } from "./write-sampling.ts";
import { writeTools } from "./write-tools.ts";

export function writeRequest(request: ChatRequest, target: TargetInfo, losses: Losses): JsonObject {
  const body: JsonObject = { model: target.model, messages: writeMessages(request, target, losses) };
  writeTools(request, body, losses);
  writeSampling(request, target, body, losses);
  if (request.maxOutputTokens !== undefined) {
    body[target.quirks.maxTokensField ?? "max_tokens"] = request.maxOutputTokens;
  }
  if (request.output) body["response_format"] = responseFormat(request.output);
  if (request.reasoning) writeReasoning(request.reasoning, target, body, losses);
  writeHints(request, target, body, losses);
  writeIdentity(request, body, losses);
  if (request.dialect === "openai") Object.assign(body, { ...request.extra, ...body });
  else dropExtra(request, losses);
  if (request.stream) writeStreaming(request, body);
  return body;
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

function writeReasoning(reasoning: Reasoning, target: TargetInfo, body: JsonObject, losses: Losses): void {
  const capabilities = target.info?.capabilities;
  const effort = reasoning.effort ?? effortOfBudget(reasoning.budgetTokens);
  if (effort !== undefined) {
    // Models that do not reason refuse the field, and without it they do what they can.
    if (capabilities && !capabilities.has("thinking")) return losses.drop("reasoning_effort");
    body["reasoning_effort"] = effort;
    if (reasoning.effort === undefined) {
      losses.changed("reasoning_budget", `approximated(${reasoning.budgetTokens}->${effort})`);
    }
    return;
  }
  if (reasoning.mode !== "off" || (capabilities && !capabilities.has("thinking"))) return;
  if (capabilities) body["reasoning_effort"] = "none";
  else losses.changed("reasoning", "left to the model");
}

/** Fixed steps: providers do not say how many tokens an effort is. */
function effortOfBudget(tokens: number | undefined): Effort | undefined {
  if (tokens === undefined) return undefined;
  if (tokens < 2048) return "low";
  if (tokens < 8192) return "medium";
  return tokens < 24576 ? "high" : "xhigh";
}

function writeHints(request: ChatRequest, target: TargetInfo, body: JsonObject, losses: Losses): void {
  const taken = takesNewFields(request, target);
  if (request.verbosity !== undefined) {
    if (taken) body["verbosity"] = request.verbosity;
    else losses.changed("verbosity", "dropped");
  }
  if (request.cache.key !== undefined) {
    if (taken) body["prompt_cache_key"] = request.cache.key;
    else losses.drop("cache_key", "prompt_cache_key");
  }
  if (request.cache.automatic) losses.drop("cache_marks", "cache_control");
}
