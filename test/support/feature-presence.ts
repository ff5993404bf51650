import type { Feature } from "../../src/core/loss.ts";
import type { Part } from "../../src/core/part.ts";
import type { ChatRequest, HostedTool } from "../../src/core/request.ts";

type Present = (request: ChatRequest) => boolean;

/** Every part of a request, those in tool results too. */
function partsOf(request: ChatRequest): Part[] {
  const inside = (part: Part): Part[] => (part.type === "tool-result" ? [part, ...part.parts.flatMap(inside)] : [part]);
  return [...request.system, ...request.messages.flatMap((message) => message.parts)].flatMap(inside);
}

const part =
  (matches: (part: Part) => boolean): Present =>
  (request) =>
    partsOf(request).some(matches);
const sampled =
  (key: keyof ChatRequest["sampling"]): Present =>
  (request) =>
    request.sampling[key] !== undefined;
const hosted =
  (twin: HostedTool["twin"]): Present =>
  (request) =>
    request.tools.some((tool) => tool.kind === "hosted" && tool.twin === twin);
const chosen =
  (mode: string): Present =>
  (request) =>
    request.toolChoice?.mode === mode;
const source = (type: "image" | "document", kind: string): Present =>
  part((each) => each.type === type && each.source.kind === kind);
const inResult = (type: "image" | "document"): Present =>
  part((each) => each.type === "tool-result" && each.parts.some((inner) => inner.type === type));

/** Whether a request that was read holds a feature. */
export const PRESENT: Readonly<Record<Feature, Present>> = {
  temperature: sampled("temperature"),
  top_p: sampled("topP"),
  top_k: sampled("topK"),
  min_p: sampled("minP"),
  frequency_penalty: sampled("frequencyPenalty"),
  presence_penalty: sampled("presencePenalty"),
  repeat_penalty: sampled("repeatPenalty"),
  seed: sampled("seed"),
  stop: sampled("stop"),
  n: sampled("n"),
  logprobs: ({ sampling }) => sampling.logprobs === true || sampling.topLogprobs !== undefined,
  logit_bias: sampled("logitBias"),
  max_output_tokens: (request) => request.maxOutputTokens === 100,
  json_object: (request) => request.output?.kind === "json",
  json_schema: (request) => request.output?.kind === "json_schema",
  function_tools: (request) => request.tools.some((tool) => tool.kind === "function"),
  custom_tools: (request) => request.tools.some((tool) => tool.kind === "custom"),
  hosted_tools: hosted(undefined),
  hosted_web_search: hosted("web_search"),
  hosted_web_fetch: hosted("web_fetch"),
  hosted_code_execution: hosted("code_execution"),
  strict_tools: (request) => request.tools.some((tool) => tool.kind === "function" && tool.strict === true),
  tool_choice_required: chosen("required"),
  tool_choice_named: chosen("tool"),
  tool_choice_none: chosen("none"),
  tool_choice_allowed: chosen("allowed"),
  parallel_tool_calls: (request) => request.parallelToolCalls === false,
  reasoning_effort: (request) => request.reasoning?.effort !== undefined,
  reasoning_budget: (request) => request.reasoning?.budgetTokens !== undefined,
  reasoning_text: part((each) => each.type === "reasoning" && each.text !== ""),
  reasoning_state: part((each) => (each.type === "reasoning" || each.type === "tool-call") && each.state !== undefined),
  verbosity: (request) => request.verbosity !== undefined,
  cache_marks: part((each) => "cache" in each && each.cache !== undefined),
  cache_key: (request) => request.cache.key !== undefined,
  user: (request) => request.identity.user !== undefined,
  metadata: (request) => request.identity.metadata !== undefined,
  mid_system: (request) => request.messages.some((message) => message.role === "system"),
  participant_name: (request) => request.messages.some((message) => message.name !== undefined),
  image_data: source("image", "base64"),
  image_url: source("image", "url"),
  image_detail: part((each) => each.type === "image" && each.detail !== undefined),
  document_data: source("document", "base64"),
  document_text: source("document", "text"),
  document_url: source("document", "url"),
  file_id: part((each) => (each.type === "document" || each.type === "image") && each.source.kind === "file"),
  audio: part((each) => each.type === "audio"),
  tool_result_image: inResult("image"),
  tool_result_document: inResult("document"),
  tool_result_error: part((each) => each.type === "tool-result" && each.isError),
  refusal_history: part((each) => each.type === "refusal"),
  citations: part((each) => each.type === "text" && (each.citations?.length ?? 0) > 0),
  opaque_parts: part((each) => each.type === "opaque"),
  unknown_fields: (request) => "never_heard_of" in request.extra,
};
