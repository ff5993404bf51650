import type { JsonObject } from "../../../src/core/json.ts";
import { type Answer, type AnswerContext, data, type Frames, finishOf, pieces, usageOf } from "./answer.ts";

export function modelList(): JsonObject {
  const model = (id: string): JsonObject => ({ id, object: "model", created: 1_760_000_000, owned_by: "scripted" });
  return { object: "list", data: [model("listed-model"), model("other-model")] };
}

/** Two numbers for each input, of the form the client asked for. */
export function embeddings(body: JsonObject): JsonObject {
  const inputs = Array.isArray(body["input"]) ? body["input"] : [body["input"] ?? ""];
  const vector = (index: number): number[] => [0.5, index];
  const encode = (numbers: number[]): string => Buffer.from(new Float32Array(numbers).buffer).toString("base64");
  const base64 = body["encoding_format"] === "base64";
  return {
    object: "list",
    data: inputs.map((_, index) => ({
      object: "embedding",
      index,
      embedding: base64 ? encode(vector(index)) : vector(index),
    })),
    model: body["model"] ?? "",
    usage: { prompt_tokens: 5, total_tokens: 5 },
  };
}

export function textCompletion(answer: Answer, context: AnswerContext): JsonObject {
  const usage = usageOf(answer);
  return {
    ...head(context),
    choices: [{ text: answer.text ?? "", index: 0, logprobs: null, finish_reason: reason(answer) }],
    usage: {
      prompt_tokens: usage.input,
      completion_tokens: usage.output,
      total_tokens: usage.input + usage.output,
    },
  };
}

export function textCompletionFrames(answer: Answer, context: AnswerContext): Frames {
  const frame = (text: string, finish: string | null): string =>
    data({ ...head(context), choices: [{ text, index: 0, logprobs: null, finish_reason: finish }] });
  return {
    content: pieces(answer.text ?? "").map((text) => frame(text, null)),
    closing: [frame("", reason(answer)), "data: [DONE]\n\n"],
  };
}

function head(context: AnswerContext): JsonObject {
  return { id: `cmpl-${context.serial}`, object: "text_completion", created: 1_760_000_000, model: context.model };
}

function reason(answer: Answer): string {
  return finishOf(answer) === "length" ? "length" : "stop";
}
