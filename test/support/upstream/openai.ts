import type { JsonObject } from "../../../src/core/json.ts";
import {
  type Answer,
  type AnswerContext,
  data,
  type Frames,
  finishOf,
  pieces,
  type ScriptedCall,
  type ScriptedError,
  tokensOf,
  type UpstreamDialect,
  usageOf,
} from "./answer.ts";
import { embeddings, modelList, textCompletion, textCompletionFrames } from "./openai-routes.ts";

const FINISH = {
  stop: "stop",
  stop_sequence: "stop",
  length: "length",
  tool_calls: "tool_calls",
  refusal: "content_filter",
};
const CREATED = 1_760_000_000;

/** OpenAI Chat Completions, as the API reference and captures of the real wire have it. */
export const openai: UpstreamDialect = {
  format: "openai",
  base: "/v1",
  streamType: "text/event-stream; charset=utf-8",
  chat: "/chat/completions",
  wantsStream: (body) => body["stream"] === true,
  whole,
  frames,
  error: openaiError,
  errorFrame: (message) => data({ error: { message, type: "server_error", param: null, code: "server_error" } }),
  noise: ": OPENROUTER PROCESSING\n\n",
  other(method, path, body) {
    if (method === "GET" && path === "/models") return modelList();
    if (method === "POST" && path === "/embeddings") return embeddings(body);
    return undefined;
  },
};

/** The older completions endpoint of the same server. */
export const completions: UpstreamDialect = {
  ...openai,
  chat: "/completions",
  whole: textCompletion,
  frames: textCompletionFrames,
};

export function openaiError(error: ScriptedError): JsonObject {
  const types: Record<number, string> = { 400: "invalid_request_error", 401: "invalid_request_error", 429: "requests" };
  const codes: Record<number, string> = { 401: "invalid_api_key", 429: "rate_limit_exceeded" };
  const type = error.type ?? types[error.status] ?? "server_error";
  return { error: { message: error.message, type, param: null, code: codes[error.status] ?? null } };
}

export function chatUsage(answer: Answer): JsonObject {
  const usage = usageOf(answer);
  return {
    prompt_tokens: usage.input,
    completion_tokens: usage.output,
    total_tokens: usage.input + usage.output,
    prompt_tokens_details: { cached_tokens: usage.cachedRead, cache_write_tokens: usage.cacheWrite, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: usage.reasoning, audio_tokens: 0 },
  };
}

function callOf(call: ScriptedCall): JsonObject {
  return {
    id: call.id,
    type: "function",
    function: { name: call.name, arguments: call.args === "" ? "{}" : call.args },
  };
}

function annotationsOf(answer: Answer): JsonObject[] {
  return (answer.citations ?? []).map((citation) => {
    const start = Math.max(0, (answer.text ?? "").indexOf(citation.cited));
    const end = start + citation.cited.length;
    const { url, title } = citation;
    return { type: "url_citation", url_citation: { url, title, start_index: start, end_index: end } };
  });
}

function logprobsOf(content: JsonObject[]): JsonObject | null {
  return content.length > 0 ? { content, refusal: null } : null;
}

function whole(answer: Answer, context: AnswerContext): JsonObject {
  const message: JsonObject = { role: "assistant", content: answer.text ?? null, refusal: answer.refusal ?? null };
  if (answer.thinking) message["reasoning_content"] = answer.thinking.text;
  if (answer.toolCalls) message["tool_calls"] = answer.toolCalls.map(callOf);
  const annotations = annotationsOf(answer);
  if (annotations.length > 0) message["annotations"] = annotations;
  return {
    id: `chatcmpl-${context.serial}`,
    object: "chat.completion",
    created: CREATED,
    model: context.model,
    choices: [{ index: 0, message, logprobs: logprobsOf(tokensOf(answer)), finish_reason: FINISH[finishOf(answer)] }],
    usage: chatUsage(answer),
    service_tier: "default",
    system_fingerprint: "fp_test",
  };
}

function frames(answer: Answer, context: AnswerContext): Frames {
  const options = context.body["stream_options"];
  const wantsUsage =
    typeof options === "object" && options !== null && !Array.isArray(options) && options["include_usage"];
  const frame = (choices: JsonObject[], usage: JsonObject | null = null): string =>
    data({
      id: `chatcmpl-${context.serial}`,
      object: "chat.completion.chunk",
      created: CREATED,
      model: context.model,
      system_fingerprint: "fp_test",
      choices,
      ...(wantsUsage && { usage }),
    });
  const delta = (value: JsonObject, finish: string | null = null, tokens: JsonObject[] = []): string =>
    frame([{ index: 0, delta: value, logprobs: logprobsOf(tokens), finish_reason: finish }]);
  const content = [delta({ role: "assistant", content: "", refusal: null })];
  for (const text of pieces(answer.thinking?.text ?? "")) content.push(delta({ reasoning_content: text }));
  const tokens = tokensOf(answer);
  pieces(answer.text ?? "").forEach((text, at) => {
    content.push(delta({ content: text }, null, tokens.slice(at, at + 1)));
  });
  for (const text of pieces(answer.refusal ?? "")) content.push(delta({ refusal: text }));
  const annotations = annotationsOf(answer);
  if (annotations.length > 0) content.push(delta({ annotations }));
  for (const call of callDeltas(answer)) content.push(delta({ tool_calls: [call] }));
  const closing = [delta({}, FINISH[finishOf(answer)])];
  if (wantsUsage) closing.push(frame([], chatUsage(answer)));
  closing.push("data: [DONE]\n\n");
  return { content, closing };
}

/** First delta with id, type and name, then arguments alone; of parallel calls one after the other, or by turns. */
function callDeltas(answer: Answer): JsonObject[] {
  const perCall = (answer.toolCalls ?? []).map((call, index): JsonObject[] => [
    { index, id: call.id, type: "function", function: { name: call.name, arguments: "" } },
    ...pieces(call.args).map((text) => ({ index, function: { arguments: text } })),
  ]);
  if (!answer.stream?.interleave) return perCall.flat();
  const longest = Math.max(0, ...perCall.map((deltas) => deltas.length));
  const turns: JsonObject[] = [];
  for (let turn = 0; turn < longest; turn++) {
    for (const deltas of perCall) turns.push(...deltas.slice(turn, turn + 1));
  }
  return turns;
}
