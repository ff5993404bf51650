import { asObject, type JsonObject, setOwn } from "../../../core/json.ts";
import type { Losses } from "../../../core/loss.ts";
import type { ChatRequest } from "../../../core/request.ts";
import type { TargetInfo } from "../../format.ts";
import { dropExtra } from "../../loss/unknown-fields.ts";
import { tierOf, withoutTier } from "../../service-tier.ts";
import { rulesOf } from "../models-rules.ts";
import { CacheMarks, cacheControl, type Draft, type Turn } from "./draft.ts";
import { writeParts } from "./write-content.ts";
import { answersUnsignedCalls, closeTurns, takesSystem, turnJson, writeTurns } from "./write-messages.ts";
import { writeSampling } from "./write-sampling.ts";
import { type Thinking, writeThinking } from "./write-thinking.ts";
import { writeToolChoice, writeTools } from "./write-tools.ts";

/** A Messages request body. Blocks are written in prompt order (tools, system, messages), as cache marks count. */
export function writeRequest(request: ChatRequest, target: TargetInfo, losses: Losses): JsonObject {
  const draft: Draft = { request, rules: rulesOf(target.model), losses, marks: new CacheMarks(losses) };
  const maxTokens = outputLimit(draft);
  const tools = writeTools(draft);
  const { choice, forced } = writeToolChoice(tools, draft);
  const system = writeSystem(draft);
  const turns = writeTurns(draft);
  const plan = settleThinking(writeThinking(draft, maxTokens), forced, turns, draft);
  if (plan.maxTokens !== undefined)
    losses.changed("max_output_tokens", `${maxTokens}->${plan.maxTokens}: thinking comes on top`);
  const thinks = isThinking(plan);
  closeTurns(turns, draft.rules.prefill && !thinks, draft);
  draft.marks.settle(request.cache.automatic ? 1 : 0);
  const config = writeOutputConfig(plan, draft);
  const body: JsonObject = { model: target.model, max_tokens: plan.maxTokens ?? maxTokens };
  if (request.cache.automatic) body["cache_control"] = cacheControl(request.cache.automatic);
  if (system.length > 0) body["system"] = system;
  body["messages"] = turns.map(turnJson);
  if (tools.length > 0) body["tools"] = tools;
  if (choice) body["tool_choice"] = choice;
  if (plan.thinking) body["thinking"] = plan.thinking;
  if (Object.keys(config).length > 0) body["output_config"] = config;
  Object.assign(body, writeSampling(draft, thinks));
  if (request.stream) body["stream"] = true;
  writeIdentity(draft, body);
  writeRest(draft, body);
  return body;
}

/** Required by the API. A client of another dialect may ask for more than the model has. */
function outputLimit({ request, rules, losses }: Draft): number {
  if (request.dialect === "anthropic" && request.extra["max_tokens"] === 0) return 0;
  const wanted = request.maxOutputTokens;
  if (wanted === undefined) return rules.maxOutput;
  if (!rules.known || request.dialect === "anthropic" || wanted <= rules.maxOutput) return wanted;
  losses.changed("max_output_tokens", `clamped(${wanted}->${rules.maxOutput})`);
  return rules.maxOutput;
}

const JSON_ONLY = "Answer with one valid JSON object and nothing else: no prose around it, no code fence.";

function writeSystem(draft: Draft): JsonObject[] {
  const { request, rules, losses } = draft;
  const blocks = writeParts(request.system, "system", draft).filter((block) => {
    if (block["type"] !== "text") losses.reject("system", `no ${String(block["type"])} in a system prompt`);
    return block["type"] === "text";
  });
  if (request.output?.kind === "json") {
    blocks.push({ type: "text", text: JSON_ONLY });
    losses.changed("response_format", "json_object asked for in the system prompt");
  } else if (request.output && !rules.structured) {
    blocks.push({ type: "text", text: `${JSON_ONLY} Its JSON Schema: ${JSON.stringify(request.output.schema)}` });
    losses.changed("response_format", "schema put into the system prompt: the model has no structured output");
  }
  return blocks;
}

function isThinking({ thinking }: Thinking): boolean {
  return thinking?.["type"] === "enabled" || thinking?.["type"] === "adaptive";
}

/** The API refuses thinking beside a forced tool, and a budget while answering calls that were made without thinking. */
function settleThinking(plan: Thinking, forced: boolean, turns: readonly Turn[], { losses }: Draft): Thinking {
  const { thinking: _thinking, maxTokens: _maxTokens, ...rest } = plan;
  if (forced && isThinking(plan)) {
    losses.changed("reasoning", "off: the tool choice is forced");
    return rest;
  }
  if (plan.thinking?.["type"] === "enabled" && answersUnsignedCalls(turns)) {
    losses.changed("reasoning", "off: the tool calls being answered have no signed thinking");
    return rest;
  }
  return plan;
}

function writeOutputConfig({ effort }: Thinking, draft: Draft): JsonObject {
  const { request, rules } = draft;
  const config: JsonObject = request.dialect === "anthropic" ? { ...asObject(request.extra["output_config"]) } : {};
  // A message that says another effort than the whole request keeps it, where the model takes such messages.
  const ofRequest = takesSystem(draft) ? config["effort"] : undefined;
  if (effort !== undefined) config["effort"] = ofRequest ?? effort;
  if (request.output?.kind === "json_schema" && rules.structured)
    config["format"] = { type: "json_schema", schema: request.output.schema };
  return config;
}

function writeIdentity({ request, losses }: Draft, body: JsonObject): void {
  const { user, metadata } = request.identity;
  if (request.dialect === "anthropic" && (metadata || user !== undefined)) {
    body["metadata"] = { ...(user !== undefined && { user_id: user }), ...metadata };
    return;
  }
  if (user !== undefined) body["metadata"] = { user_id: user };
  if (metadata) losses.drop("metadata");
}

function writeRest({ request, rules, losses }: Draft, body: JsonObject): void {
  if (request.verbosity !== undefined && request.verbosity !== "medium") losses.drop("verbosity");
  if (request.cache.key !== undefined) losses.drop("cache_key");
  if (request.dialect !== "anthropic") {
    const tier = tierOf(request);
    if (tier === "fast" && rules.fast) body["speed"] = "fast";
    else if (tier === "default" && rules.known) body["service_tier"] = "standard_only";
    return dropExtra(body["speed"] === undefined ? request : withoutTier(request), losses);
  }
  for (const [key, value] of Object.entries(request.extra)) if (!Object.hasOwn(body, key)) setOwn(body, key, value);
}
