import type { FinishReason } from "../../../core/event.ts";
import type { JsonObject } from "../../../core/json.ts";
import type { ToolCallPart } from "../../../core/part.ts";
import type { Usage } from "../../../core/usage.ts";
import type { AnswerContext } from "../../format.ts";
import { argumentsObject } from "../../tools/arguments.ts";

/** What every line of an answer begins with. */
export function head(model: string, context: AnswerContext): JsonObject {
  return { model, created_at: new Date(context.createdMs + context.elapsedMs()).toISOString() };
}

/** A call with its arguments complete; `index` counts the calls of the answer. */
export function writeCall(call: Omit<ToolCallPart, "type">, index: number): JsonObject {
  const args = call.kind === "custom" ? { input: call.arguments } : argumentsObject(call.arguments);
  return { ...(call.id !== "" && { id: call.id }), function: { index, name: call.name, arguments: args } };
}

/**
 * Why and how it ended. `firstMs`: time to the first content; the provider's own load and evaluation times are not known,
 * so what came before it counts as evaluation of the prompt and the rest as that of the answer.
 */
export function tail(
  reason: FinishReason,
  usage: Usage | undefined,
  firstMs: number,
  context: AnswerContext,
): JsonObject {
  const totalMs = context.elapsedMs();
  return {
    done: true,
    // There are two words only; tool calls end with `stop` as well.
    done_reason: reason === "length" || reason === "context" ? "length" : "stop",
    total_duration: nanoseconds(totalMs),
    load_duration: 0,
    prompt_eval_count: usage?.input ?? context.estimatedInput,
    ...(usage && usage.cachedRead > 0 && { prompt_eval_cached_count: usage.cachedRead }),
    prompt_eval_duration: nanoseconds(firstMs),
    eval_count: usage?.output ?? 0,
    eval_duration: nanoseconds(totalMs - firstMs),
  };
}

/** At least 1: clients divide by it. */
function nanoseconds(ms: number): number {
  return Math.max(1, Math.round(ms * 1_000_000));
}
