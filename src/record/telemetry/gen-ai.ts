import { asString, type Json, type JsonObject } from "../../core/json.ts";
import type { AttemptRecord, CompleteEvent, LoggedMessage, LoggedResponse, LoggedTrace } from "../events.ts";

export type SpanAttributes = Record<string, string | number | boolean | string[]>;

/** What spans tell of a provider besides its name in the config. */
export interface ProviderFacts {
  /** The API it speaks. */
  api: string;
  /** `gen_ai.provider.name`: `openai`, `anthropic`, … */
  system: string;
  address: string;
  port: number;
}

/** Providers the conventions have a name for, by the end of their host; what else speaks a dialect is called after it. */
const KNOWN_HOSTS: readonly (readonly [end: string, name: string])[] = [
  ["openai.azure.com", "azure.ai.openai"],
  ["services.ai.azure.com", "azure.ai.inference"],
  ["amazonaws.com", "aws.bedrock"],
  ["aiplatform.googleapis.com", "gcp.vertex_ai"],
  ["generativelanguage.googleapis.com", "gcp.gemini"],
  ["anthropic.com", "anthropic"],
  ["groq.com", "groq"],
  ["deepseek.com", "deepseek"],
  ["mistral.ai", "mistral_ai"],
  ["perplexity.ai", "perplexity"],
  ["moonshot.ai", "moonshot_ai"],
  ["moonshot.cn", "moonshot_ai"],
  ["cohere.com", "cohere"],
  ["x.ai", "x_ai"],
];

const DIALECTS: Readonly<Record<string, string>> = { gemini: "gcp.gemini", "openai-responses": "openai" };

export function factsOfProvider({ origin, half }: { origin: string; half: { dialect: string } }): ProviderFacts {
  const { hostname, port, protocol } = new URL(origin);
  const known = KNOWN_HOSTS.find(([end]) => hostname === end || hostname.endsWith(`.${end}`));
  return {
    api: half.dialect,
    system: known?.[1] ?? DIALECTS[half.dialect] ?? half.dialect,
    address: hostname,
    port: port === "" ? (protocol === "https:" ? 443 : 80) : Number(port),
  };
}

const STOP_REASONS: Readonly<Record<LoggedResponse["stop_reason"], string>> = {
  end_turn: "stop",
  max_tokens: "length",
  tool_use: "tool_calls",
  other: "other",
};

/** `gen_ai.operation.name`, by the client's API. */
export function operationOf(client: string): string {
  return client === "openai-completions" || client === "ollama-generate" ? "text_completion" : "chat";
}

/** What was asked of whom. */
export function requestAttributes(
  { client, session }: CompleteEvent,
  { parameters }: LoggedTrace,
  { provider, model }: AttemptRecord,
  facts: ProviderFacts | undefined,
): SpanAttributes {
  const asked = Object.entries(parameters).flatMap(([name, value]) => attribute(`gen_ai.request.${name}`, value));
  return {
    "gen_ai.operation.name": operationOf(client),
    "gen_ai.provider.name": facts?.system ?? provider,
    "gen_ai.request.model": model,
    ...(session !== null && { "gen_ai.conversation.id": session }),
    ...Object.fromEntries(asked),
    ...(facts && { "server.address": facts.address, "server.port": facts.port }),
  };
}

/** What it used: its own where it has one, the exchange's where it alone answered. */
export function usageAttributes(attempt: AttemptRecord, event: CompleteEvent, answers: boolean): SpanAttributes {
  const isWhole = answers && event.attempts.every(({ continued }) => continued === undefined);
  const usage = attempt.usage ?? (isWhole ? event.usage : null);
  if (!usage) return {};
  return {
    "gen_ai.usage.input_tokens": usage.input_tokens,
    "gen_ai.usage.output_tokens": usage.output_tokens,
    ...(usage.cached_read_tokens > 0 && { "gen_ai.usage.cache_read.input_tokens": usage.cached_read_tokens }),
    ...(usage.cache_write_tokens > 0 && { "gen_ai.usage.cache_creation.input_tokens": usage.cache_write_tokens }),
    ...(usage.reasoning_tokens > 0 && { "gen_ai.usage.reasoning.output_tokens": usage.reasoning_tokens }),
    ...(!usage.reported && { "router.usage_estimated": true }),
  };
}

/** What came back. */
export function answerAttributes(
  { response, stream, time_to_first_token_ms }: CompleteEvent,
  { at_ms, queued_ms = 0 }: AttemptRecord,
): SpanAttributes {
  const isTimed = stream && time_to_first_token_ms !== null;
  const firstMs = (time_to_first_token_ms ?? 0) - at_ms - queued_ms;
  return {
    ...(response && {
      "gen_ai.response.model": response.model,
      "gen_ai.response.id": response.id,
      "gen_ai.response.finish_reasons": [STOP_REASONS[response.stop_reason]],
    }),
    ...(isTimed && { "gen_ai.response.time_to_first_chunk": Math.max(0, firstMs) / 1000 }),
  };
}

/** Prompt and answer as JSON text, as far as they are recorded (`[logging] content`). */
export function contentAttributes({ system, messages, response }: CompleteEvent, answers: boolean): SpanAttributes {
  return {
    ...(system !== null && { "gen_ai.system_instructions": JSON.stringify([{ type: "text", content: system }]) }),
    "gen_ai.input.messages": JSON.stringify(messages.map(message)),
    ...(answers && response && { "gen_ai.output.messages": JSON.stringify([answer(response)]) }),
  };
}

function message({ role, content }: LoggedMessage): JsonObject {
  return { role, parts: content.map(part) };
}

function part(logged: JsonObject): JsonObject {
  switch (logged["type"]) {
    case "text":
    case "reasoning": {
      const { text, ...rest } = logged;
      return text === undefined ? rest : { ...rest, content: text };
    }
    case "tool_use": {
      const { input, ...rest } = logged;
      return { ...rest, type: "tool_call", arguments: input ?? null };
    }
    case "tool_result": {
      const { tool_use_id, content, ...rest } = logged;
      return { ...rest, type: "tool_call_response", id: tool_use_id ?? null, response: content ?? null };
    }
    default:
      return logged;
  }
}

function answer({ content, content_chars, tool_calls, stop_reason }: LoggedResponse): JsonObject {
  const text = content === "" && content_chars === undefined ? [] : [{ type: "text", content }];
  const calls = tool_calls.map(({ id, name, arguments: input }) => ({ type: "tool_call", id, name, arguments: input }));
  return { role: "assistant", parts: [...text, ...calls], finish_reason: STOP_REASONS[stop_reason] };
}

/** Only what an attribute may be. */
function attribute(name: string, value: Json | undefined): [string, string | number | boolean | string[]][] {
  if (Array.isArray(value)) return [[name, value.flatMap((item) => asString(item) ?? [])]];
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return [[name, value]];
  return [];
}
