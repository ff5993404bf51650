import type { Json, JsonObject } from "../../../src/core/json.ts";
import {
  type Answer,
  type AnswerContext,
  type Frames,
  finishOf,
  named,
  pieces,
  type ScriptedCall,
  tokensOf,
  type UpstreamDialect,
  usageOf,
} from "./answer.ts";
import { openai, openaiError } from "./openai.ts";

/** OpenAI Responses. */
export const responses: UpstreamDialect = {
  format: "openai-responses",
  base: "/v1",
  streamType: "text/event-stream; charset=utf-8",
  chat: "/responses",
  wantsStream: (body) => body["stream"] === true,
  whole,
  frames,
  error: openaiError,
  errorFrame: (message) =>
    named("error", { type: "error", sequence_number: 900, code: "server_error", message, param: null }),
  noise: ": ping\n\n",
  other: openai.other,
};

/** One output item: as it is at the end, and the events that make it. */
interface Item {
  done: JsonObject;
  added: JsonObject;
  events: JsonObject[];
}

function itemsOf(answer: Answer, context: AnswerContext): Item[] {
  const items: Item[] = [];
  const id = (kind: string): string => `${kind}_${context.serial}_${items.length}`;
  if (answer.thinking) items.push(reasoningItem(id("rs"), answer.thinking.text, answer.thinking.state));
  if (answer.text !== undefined) items.push(messageItem(id("msg"), textPart(answer), "output_text", "text"));
  if (answer.refusal !== undefined) {
    items.push(messageItem(id("msg"), { type: "refusal", refusal: answer.refusal }, "refusal", "refusal"));
  }
  for (const call of answer.toolCalls ?? []) items.push(callItem(id("fc"), call));
  return items;
}

function textPart(answer: Answer): JsonObject {
  const text = answer.text ?? "";
  const annotations = (answer.citations ?? []).map(({ url, title, cited }) => {
    const start_index = Math.max(0, text.indexOf(cited));
    return { type: "url_citation", url, title, start_index, end_index: start_index + cited.length };
  });
  return { type: "output_text", text, annotations, logprobs: tokensOf(answer) };
}

function reasoningItem(id: string, text: string, state: string | undefined): Item {
  const part = { type: "summary_text", text };
  const common = { item_id: id, summary_index: 0 };
  const encrypted = state === undefined ? {} : { encrypted_content: state };
  return {
    added: { id, type: "reasoning", summary: [], ...encrypted },
    done: { id, type: "reasoning", summary: text === "" ? [] : [part], ...encrypted },
    events:
      text === ""
        ? []
        : [
            { type: "response.reasoning_summary_part.added", ...common, part: { type: "summary_text", text: "" } },
            ...pieces(text).map((delta) => ({ type: "response.reasoning_summary_text.delta", ...common, delta })),
            { type: "response.reasoning_summary_text.done", ...common, text },
            { type: "response.reasoning_summary_part.done", ...common, part },
          ],
  };
}

function messageItem(id: string, part: JsonObject, event: string, field: string): Item {
  const common = { item_id: id, content_index: 0 };
  const text = String(part[field]);
  const empty = { ...part, [field]: "", ...(field === "text" && { annotations: [], logprobs: [] }) };
  const annotations = Array.isArray(part["annotations"]) ? part["annotations"] : [];
  const tokens = Array.isArray(part["logprobs"]) ? part["logprobs"] : [];
  const logprobs = (of: Json[]): JsonObject => (field === "text" ? { logprobs: of } : {});
  return {
    added: { id, type: "message", status: "in_progress", role: "assistant", content: [] },
    done: { id, type: "message", status: "completed", role: "assistant", content: [part] },
    events: [
      { type: "response.content_part.added", ...common, part: empty },
      ...pieces(text).map((delta, at) => ({
        type: `response.${event}.delta`,
        ...common,
        delta,
        ...logprobs(tokens.slice(at, at + 1)),
      })),
      ...annotations.map((annotation, annotation_index) => ({
        type: "response.output_text.annotation.added",
        ...common,
        annotation_index,
        annotation,
      })),
      { type: `response.${event}.done`, ...common, [field]: text, ...logprobs(tokens) },
      { type: "response.content_part.done", ...common, part },
    ],
  };
}

function callItem(id: string, call: ScriptedCall): Item {
  const args = call.args === "" ? "{}" : call.args;
  const head = { id, type: "function_call", call_id: call.id, name: call.name };
  const name = "response.function_call_arguments";
  return {
    added: { ...head, arguments: "", status: "in_progress" },
    done: { ...head, arguments: args, status: "completed" },
    events: [
      ...pieces(args).map((delta) => ({ type: `${name}.delta`, item_id: id, delta })),
      { type: `${name}.done`, item_id: id, name: call.name, arguments: args },
    ],
  };
}

function whole(answer: Answer, context: AnswerContext): JsonObject {
  const usage = usageOf(answer);
  const cut = finishOf(answer) === "length" ? "max_output_tokens" : undefined;
  const filtered = finishOf(answer) === "refusal" && answer.refusal === undefined ? "content_filter" : undefined;
  const reason = cut ?? filtered;
  return {
    ...envelope(context),
    status: reason ? "incomplete" : "completed",
    incomplete_details: reason ? { reason } : null,
    completed_at: 1_760_000_001,
    output: itemsOf(answer, context).map((item) => item.done),
    usage: {
      input_tokens: usage.input,
      input_tokens_details: { cached_tokens: usage.cachedRead, cache_write_tokens: usage.cacheWrite },
      output_tokens: usage.output,
      output_tokens_details: { reasoning_tokens: usage.reasoning },
      total_tokens: usage.input + usage.output,
    },
  };
}

function envelope(context: AnswerContext): JsonObject {
  const { body } = context;
  return {
    id: `resp_${context.serial}`,
    object: "response",
    created_at: 1_760_000_000,
    completed_at: null,
    status: "in_progress",
    background: false,
    error: null,
    incomplete_details: null,
    instructions: body["instructions"] ?? null,
    max_output_tokens: body["max_output_tokens"] ?? null,
    max_tool_calls: null,
    model: context.model,
    output: [],
    parallel_tool_calls: body["parallel_tool_calls"] ?? true,
    previous_response_id: null,
    reasoning: { effort: null, summary: null },
    prompt_cache_key: body["prompt_cache_key"] ?? null,
    safety_identifier: body["safety_identifier"] ?? null,
    service_tier: "default",
    store: body["store"] ?? true,
    temperature: body["temperature"] ?? 1,
    text: { format: { type: "text" } },
    tool_choice: body["tool_choice"] ?? "auto",
    tools: body["tools"] ?? [],
    top_logprobs: 0,
    top_p: body["top_p"] ?? 1,
    truncation: "disabled",
    usage: null,
    user: null,
    metadata: {},
  };
}

function frames(answer: Answer, context: AnswerContext): Frames {
  let sequence = 0;
  const frame = (value: JsonObject): string =>
    named(String(value["type"]), { type: value["type"], sequence_number: sequence++, ...value });
  const opening = envelope(context);
  const content = [
    frame({ type: "response.created", response: opening }),
    frame({ type: "response.in_progress", response: opening }),
  ];
  itemsOf(answer, context).forEach((item, output_index) => {
    content.push(frame({ type: "response.output_item.added", output_index, item: item.added }));
    for (const event of item.events) content.push(frame({ ...event, output_index }));
    content.push(frame({ type: "response.output_item.done", output_index, item: item.done }));
  });
  const response = whole(answer, context);
  const closing = [frame({ type: `response.${String(response["status"])}`, response })];
  return { content, closing };
}
