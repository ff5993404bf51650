import type { JsonObject } from "../../../src/core/json.ts";
import {
  type Answer,
  type AnswerContext,
  type Frames,
  finishOf,
  pieces,
  tokensOf,
  type UpstreamDialect,
  usageOf,
} from "./answer.ts";

const CREATED = "2026-11-23T12:00:00.123456789Z";

/** Ollama's native chat. */
export const ollama: UpstreamDialect = {
  format: "ollama",
  base: "",
  streamType: "application/x-ndjson",
  chat: "/api/chat",
  wantsStream: (body) => body["stream"] !== false,
  whole: (answer, context) => ({
    ...head(context),
    message: message(answer),
    ...logprobs(tokensOf(answer)),
    ...end(answer),
  }),
  frames,
  error: (error) => ({ error: error.message }),
  errorFrame: (text) => line({ error: text }),
  noise: "",
  other,
};

/** Ollama's completion endpoint. */
export const generate: UpstreamDialect = {
  ...ollama,
  chat: "/api/generate",
  whole: (answer, context) => ({
    ...head(context),
    response: answer.text ?? "",
    ...logprobs(tokensOf(answer)),
    ...end(answer),
    context: [1, 2, 3],
  }),
  frames: (answer, context) => ({
    content: pieces(answer.text ?? "").map((response, at) =>
      line({ ...head(context), response, ...logprobs(tokensOf(answer).slice(at, at + 1)), done: false }),
    ),
    closing: [line({ ...head(context), response: "", ...end(answer), context: [1, 2, 3] })],
  }),
};

function logprobs(tokens: JsonObject[]): JsonObject {
  return tokens.length > 0 ? { logprobs: tokens } : {};
}

function line(value: JsonObject): string {
  return `${JSON.stringify(value)}\n`;
}

function head(context: AnswerContext): JsonObject {
  return { model: context.model, created_at: CREATED };
}

function calls(answer: Answer): JsonObject[] {
  return (answer.toolCalls ?? []).map((call, index) => ({
    id: call.id,
    function: { index, name: call.name, arguments: JSON.parse(call.args === "" ? "{}" : call.args) },
  }));
}

function message(answer: Answer): JsonObject {
  return {
    role: "assistant",
    content: answer.text ?? answer.refusal ?? "",
    ...(answer.thinking && { thinking: answer.thinking.text }),
    ...(answer.toolCalls && { tool_calls: calls(answer) }),
  };
}

function end(answer: Answer): JsonObject {
  const usage = usageOf(answer);
  return {
    done: true,
    done_reason: finishOf(answer) === "length" ? "length" : "stop",
    total_duration: 400_000_000,
    load_duration: 100_000_000,
    prompt_eval_count: usage.input,
    ...(usage.cachedRead > 0 && { prompt_eval_cached_count: usage.cachedRead }),
    prompt_eval_duration: 100_000_000,
    eval_count: usage.output,
    eval_duration: 200_000_000,
  };
}

function frames(answer: Answer, context: AnswerContext): Frames {
  const frame = (value: JsonObject, tokens: JsonObject[] = []): string =>
    line({ ...head(context), message: { role: "assistant", content: "", ...value }, ...logprobs(tokens), done: false });
  const content = pieces(answer.thinking?.text ?? "").map((thinking) => frame({ thinking }));
  pieces(answer.text ?? answer.refusal ?? "").forEach((text, at) => {
    content.push(frame({ content: text }, tokensOf(answer).slice(at, at + 1)));
  });
  if (answer.toolCalls) content.push(frame({ tool_calls: calls(answer) }));
  const last = { ...head(context), message: { role: "assistant", content: "" }, ...end(answer) };
  return { content, closing: [line(last)] };
}

const DETAILS = {
  parent_model: "",
  format: "gguf",
  family: "qwen3",
  families: ["qwen3"],
  parameter_size: "8.2B",
  quantization_level: "Q4_K_M",
};

function other(method: string, path: string, body: JsonObject): JsonObject | undefined {
  switch (`${method} ${path}`) {
    case "GET /api/version":
      return { version: "0.40.12" };
    case "GET /api/tags": {
      const entry = { modified_at: CREATED, size: 5_225_388_164, digest: "500a1f067a9f", details: DETAILS };
      const names = ["listed-llama:latest", "other-llama:8b"];
      return { models: names.map((name) => ({ name, model: name, ...entry })) };
    }
    case "POST /api/show":
      return {
        modelfile: "FROM scripted",
        parameters: "",
        template: "{{ .Prompt }}",
        details: DETAILS,
        model_info: { "general.architecture": "qwen3", "general.basename": "Qwen3", "qwen3.context_length": 40960 },
        capabilities: ["completion", "tools", "vision", "thinking"],
      };
    case "POST /api/embed": {
      const inputs = Array.isArray(body["input"]) ? body["input"] : [body["input"] ?? ""];
      const vectors = inputs.map((_, index) => [0.5, index]);
      return { model: body["model"] ?? "", embeddings: vectors, total_duration: 1, prompt_eval_count: 5 };
    }
    default:
      return undefined;
  }
}
