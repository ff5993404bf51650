import type { CompleteEvent } from "../src/record/events.ts";

/** The event of a streamed request that went well. */
export function completed(provider: string, model: string): CompleteEvent {
  return {
    type: "complete",
    id: "1",
    ts_ms: 0,
    provider,
    requested_model: model,
    sent_model: model,
    duration_ms: 4_200,
    tags: [],
    plugins: [],
    trace_id: null,
    system: null,
    messages: [],
    response: null,
    error: null,
    outcome: "ok",
    status: 200,
    client: "openai",
    agent: null,
    session: null,
    stream: true,
    passthrough: true,
    time_to_first_token_ms: 300,
    usage: {
      input_tokens: 9_000,
      output_tokens: 300,
      cached_read_tokens: 6_000,
      cache_write_tokens: 500,
      reasoning_tokens: 100,
      reported: true,
    },
    cost: { usd: 0.01, source: "catalogue" },
    losses: [{ field: "seed", treatment: "dropped", class: "report" }],
    decision: [],
    warnings: [],
    attempts: [{ provider, model, outcome: "ok", at_ms: 1, ms: 4_199 }],
    config_version: 1,
    prefix_hash: null,
  };
}
