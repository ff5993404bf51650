import type { JsonObject } from "../../../src/core/json.ts";
import {
  type Answer,
  type AnswerContext,
  type Frames,
  finishOf,
  named,
  pieces,
  type ScriptedError,
  type UpstreamDialect,
  usageOf,
} from "./answer.ts";

const STOP_REASON = {
  stop: "end_turn",
  stop_sequence: "stop_sequence",
  length: "max_tokens",
  tool_calls: "tool_use",
  refusal: "refusal",
};
const ERROR_TYPE: Record<number, string> = {
  400: "invalid_request_error",
  401: "authentication_error",
  404: "not_found_error",
  429: "rate_limit_error",
  500: "api_error",
  529: "overloaded_error",
};

/** Anthropic Messages. */
export const anthropic: UpstreamDialect = {
  format: "anthropic",
  base: "",
  streamType: "text/event-stream; charset=utf-8",
  chat: "/v1/messages",
  wantsStream: (body) => body["stream"] === true,
  whole,
  frames,
  error: anthropicError,
  errorFrame: (message) => named("error", { type: "error", error: { type: "overloaded_error", message } }),
  noise: `${named("ping", { type: "ping" })}: a comment\n\n`,
  other(method, path) {
    if (method === "POST" && path === "/v1/messages/count_tokens") return { input_tokens: 42 };
    if (method !== "GET" || path !== "/v1/models") return undefined;
    const created_at = "2026-01-01T00:00:00Z";
    const models = ["listed-claude", "other-claude"].map((id) => ({ type: "model", id, display_name: id, created_at }));
    return { data: models, has_more: false, first_id: "listed-claude", last_id: "other-claude" };
  },
};

function anthropicError(error: ScriptedError): JsonObject {
  const type = error.type ?? ERROR_TYPE[error.status] ?? "api_error";
  return { type: "error", error: { type, message: error.message }, request_id: "req_test" };
}

function inputUsage(answer: Answer): JsonObject {
  const usage = usageOf(answer);
  return {
    input_tokens: usage.input - usage.cachedRead - usage.cacheWrite,
    cache_creation_input_tokens: usage.cacheWrite,
    cache_read_input_tokens: usage.cachedRead,
    cache_creation: { ephemeral_5m_input_tokens: usage.cacheWrite, ephemeral_1h_input_tokens: 0 },
  };
}

function outputUsage(answer: Answer): JsonObject {
  const usage = usageOf(answer);
  const details = usage.reasoning > 0 ? { output_tokens_details: { thinking_tokens: usage.reasoning } } : {};
  return { output_tokens: usage.output, ...details };
}

/** A block as a whole, and the deltas that make it from its empty beginning. */
interface Block {
  whole: JsonObject;
  start: JsonObject;
  deltas: JsonObject[];
}

function blocksOf(answer: Answer): Block[] {
  const blocks: Block[] = [];
  if (answer.thinking) blocks.push(thinkingBlock(answer.thinking.text, answer.thinking.state ?? "sig-of-upstream"));
  const text = answer.text ?? answer.refusal;
  if (text !== undefined) blocks.push(textBlock(text, answer));
  for (const call of answer.toolCalls ?? []) {
    const head = { type: "tool_use", id: call.id, name: call.name };
    const args = pieces(call.args);
    blocks.push({
      whole: { ...head, input: JSON.parse(call.args === "" ? "{}" : call.args) },
      start: { ...head, input: {} },
      deltas: ["", ...args].map((partial_json) => ({ type: "input_json_delta", partial_json })),
    });
  }
  return blocks;
}

function thinkingBlock(thinking: string, signature: string): Block {
  return {
    whole: { type: "thinking", thinking, signature },
    start: { type: "thinking", thinking: "", signature: "" },
    deltas: [
      ...pieces(thinking).map((text) => ({ type: "thinking_delta", thinking: text })),
      { type: "signature_delta", signature },
    ],
  };
}

function textBlock(text: string, answer: Answer): Block {
  const citations = (answer.citations ?? []).map((citation) => ({
    type: "web_search_result_location",
    url: citation.url,
    title: citation.title,
    cited_text: citation.cited,
    encrypted_index: "ZW5j",
  }));
  return {
    whole: { type: "text", text, ...(citations.length > 0 && { citations }) },
    start: { type: "text", text: "", ...(citations.length > 0 && { citations: [] }) },
    deltas: [
      ...pieces(text).map((piece) => ({ type: "text_delta", text: piece })),
      ...citations.map((citation) => ({ type: "citations_delta", citation })),
    ],
  };
}

function whole(answer: Answer, context: AnswerContext): JsonObject {
  return {
    id: `msg_${context.serial}`,
    type: "message",
    role: "assistant",
    model: context.model,
    content: blocksOf(answer).map((block) => block.whole),
    stop_reason: STOP_REASON[finishOf(answer)],
    stop_sequence: answer.stopSequence ?? null,
    usage: { ...inputUsage(answer), ...outputUsage(answer), service_tier: "standard" },
  };
}

function frames(answer: Answer, context: AnswerContext): Frames {
  const message = { ...whole(answer, context), content: [], stop_reason: null, stop_sequence: null };
  const usage = { ...inputUsage(answer), output_tokens: 1 };
  const content = [named("message_start", { type: "message_start", message: { ...message, usage } })];
  const blocks = blocksOf(answer);
  blocks.forEach((block, index) => {
    const start = { type: "content_block_start", index, content_block: block.start };
    content.push(named("content_block_start", start));
    for (const delta of block.deltas) {
      content.push(named("content_block_delta", { type: "content_block_delta", index, delta }));
    }
    const stop = named("content_block_stop", { type: "content_block_stop", index });
    content.push(stop);
  });
  const delta = { stop_reason: STOP_REASON[finishOf(answer)], stop_sequence: answer.stopSequence ?? null };
  const closing = [
    named("message_delta", { type: "message_delta", delta, usage: outputUsage(answer) }),
    named("message_stop", { type: "message_stop" }),
  ];
  return { content, closing };
}
