import type { CompleteEvent } from "../../src/record/events.ts";

/** 12:00 UTC: the same day in most places. */
const NOON = Date.parse("2026-11-20T12:00:00Z");
const MINUTE = 60_000;

interface Asked {
  session: string;
  model: string;
  provider: string;
  sent: string;
  tags?: string[];
  rule: string;
  /** Of the prompt, of these cached, and of the answer. */
  tokens: [input: number, cached: number, output: number];
  usd: number;
  ms: [first: number, whole: number];
}

/** The log line of an exchange that was answered. */
export function logLine(index: number, asked: Asked): string {
  const { session, model, provider, sent, tags = [], rule, tokens, usd, ms } = asked;
  const [input_tokens, cached_read_tokens, output_tokens] = tokens;
  const id = `019ab${index.toString(16).padStart(3, "0")}-0000-4000-8000-000000000000`;
  const event: CompleteEvent = {
    type: "complete",
    id,
    ts_ms: NOON + index * MINUTE,
    provider,
    requested_model: model,
    sent_model: sent,
    duration_ms: ms[1],
    tags,
    plugins: [],
    trace_id: null,
    system: null,
    messages: [{ role: "user", content: [{ type: "text", text: `first of ${session}` }] }],
    response: {
      id: "r",
      model: sent,
      content: "ok",
      stop_reason: "end_turn",
      tool_calls: [],
      usage: { input_tokens, output_tokens },
      tags: [],
    },
    error: null,
    outcome: "ok",
    status: 200,
    client: "anthropic",
    agent: "claude-code",
    key: null,
    session,
    stream: true,
    passthrough: false,
    time_to_first_token_ms: ms[0],
    usage: {
      input_tokens,
      output_tokens,
      cached_read_tokens,
      cache_write_tokens: 0,
      reasoning_tokens: 0,
      reported: true,
    },
    cost: { usd, source: "configured" },
    losses: [],
    decision: [{ rule: 0, label: rule, outcome: "chosen", provider, model: sent }],
    routing: { seed: index, config: "0123456789abcdef", conversation: `c-${session}` },
    warnings: [],
    attempts: [{ provider, model: sent, outcome: "ok", at_ms: 0, ms: ms[1] }],
    config_version: 1,
    prefix_hash: null,
  };
  return `${JSON.stringify(event)}\n`;
}

/** An agent's two conversations, the side calls it makes to a small model, and what a rule keeps on the owner's machine. */
export function exampleLog(): string {
  const lines: string[] = [];
  for (let turn = 0; turn < 40; turn++) {
    const step = Math.floor(turn / 4);
    const [first, whole] = [600 + 40 * step, 4_000 + 300 * step];
    if (turn % 4 === 3)
      lines.push(
        logLine(turn, {
          session: `side-${step}`,
          model: "claude-haiku-4-5",
          provider: "cloud",
          sent: "claude-haiku-4-5",
          rule: 'prefix "claude-" → cloud',
          tokens: [3_000, 0, 200],
          usd: 0.012,
          ms: [first, whole],
        }),
      );
    else if (turn % 4 === 2)
      lines.push(
        logLine(turn, {
          session: "letters",
          model: "claude-sonnet-4-5",
          provider: "laptop",
          sent: "qwen3:8b",
          tags: ["private"],
          rule: 'tag "private" → laptop',
          tokens: [1_200, 0, 300],
          usd: 0,
          ms: [first / 2, 2 * whole],
        }),
      );
    else
      lines.push(
        logLine(turn, {
          session: `work-${turn % 4}`,
          model: "claude-sonnet-4-5",
          provider: "cloud",
          sent: "claude-sonnet-4-5",
          rule: 'prefix "claude-" → cloud',
          tokens: [20_000 + 1_000 * step, step === 0 ? 0 : 19_000 + 1_000 * step, 500],
          usd: ((step === 0 ? 20_000 : 1_000) * 3 + (step === 0 ? 0 : 19_000 + 1_000 * step) * 0.3 + 7_500) / 1e6,
          ms: [first, whole],
        }),
      );
  }
  return lines.join("");
}
