import type { Json, JsonObject } from "../../core/json.ts";
import type { ChatRequest } from "../../core/request.ts";
import type { TraceContext } from "../../core/trace-context.ts";
import type { Content } from "../content-policy.ts";
import type { LoggedTrace } from "../events.ts";

/** A request's place in its trace, and what was asked for. */
export function loggedTrace(
  { spanId, parentSpanId, state, sampled }: TraceContext,
  request: ChatRequest,
  content: Content,
): LoggedTrace {
  return {
    span_id: spanId,
    parent_span_id: parentSpanId ?? null,
    state: state ?? null,
    sampled,
    parameters: sampled ? parametersOf(request, content) : {},
  };
}

/** Under their names in the conventions, less `gen_ai.request.`. */
function parametersOf({ sampling, maxOutputTokens, stream }: ChatRequest, content: Content): JsonObject {
  // Texts of the client's own.
  const stop = sampling.stop?.flatMap((text) => content.text(text) ?? []) ?? [];
  const all: Record<string, Json | undefined> = {
    max_tokens: maxOutputTokens,
    temperature: sampling.temperature,
    top_p: sampling.topP,
    top_k: sampling.topK,
    frequency_penalty: sampling.frequencyPenalty,
    presence_penalty: sampling.presencePenalty,
    seed: sampling.seed,
    "choice.count": sampling.n === 1 ? undefined : sampling.n,
    stop_sequences: stop.length > 0 ? stop : undefined,
    stream: stream ? true : undefined,
  };
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
