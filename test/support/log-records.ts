import type { CompleteEvent } from "../../src/record/events.ts";

/** Uniform in [0, 1), the same every time. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const PROVIDERS = ["openai", "anthropic", "ollama", "gemini", "groq"];
const MODELS = ["gpt-5.2", "claude-sonnet-5", "llama4:8b", "gemini-3-pro", "kimi-k3"];
const DIALECTS = ["openai", "anthropic", "ollama", "gemini"];
const AGENTS = [null, "claude-code", "codex", "curl", "openai-python"];
const TAGS = ["code", "chat", "long", "tools", "vision"];
const RULES = ["tags", "price", "fallback", null];
const OUTCOMES = ["ok", "ok", "ok", "ok", "ok", "ok", "ok", "busy", "client-gone", "no-route"];
const WORDS =
  "the quick brown fox jumps over lazy dogs while routers count tokens and Zürich sleeps 東京 function returns undefined because nobody checked parser lexer grammar stream socket timeout retry budget latency price quality".split(
    " ",
  );

/** A record such as the log holds, drawn by `random`. */
export function randomRecord(random: () => number, tsMs: number): CompleteEvent {
  const pick = <T>(list: readonly T[], skew = 1): T => list[Math.floor(random() ** skew * list.length)] as T;
  const outcome = pick(OUTCOMES);
  const priced = random() < 0.8;
  const input = Math.floor(random() * 20_000);
  const usage = outcome === "ok" || random() < 0.2;
  const model = pick(MODELS, 2);
  const duration = Math.floor(Math.exp(random() * 11));
  const text = Array.from({ length: 3 + Math.floor(random() * 25) }, () => pick(WORDS)).join(" ");
  return {
    type: "complete",
    id: uuid(random),
    ts_ms: tsMs,
    provider: outcome === "no-route" ? null : pick(PROVIDERS, 2),
    requested_model: random() < 0.5 ? "auto" : model,
    sent_model: outcome === "no-route" ? null : model,
    duration_ms: duration,
    tags: TAGS.filter(() => random() < 0.25),
    plugins: [],
    trace_id: null,
    system: null,
    messages: [{ role: "user", content: [{ type: "text", text }] }],
    response: null,
    error: outcome === "ok" ? null : `it failed: ${outcome}`,
    outcome,
    status: outcome === "ok" ? 200 : outcome === "client-gone" ? null : 502,
    client: pick(DIALECTS, 2),
    agent: pick(AGENTS),
    key: null,
    session: random() < 0.5 ? `session-${Math.floor(random() * 2_000)}` : null,
    stream: random() < 0.7,
    passthrough: random() < 0.5,
    time_to_first_token_ms: outcome === "ok" ? Math.floor(duration * random()) : null,
    usage: usage
      ? {
          input_tokens: input,
          output_tokens: Math.floor(random() * 2_000),
          cached_read_tokens: Math.floor(random() * input),
          cache_write_tokens: 0,
          reasoning_tokens: Math.floor(random() * 500),
          reported: random() < 0.9,
        }
      : null,
    cost: priced && usage ? { usd: random() * 0.2, source: "configured" } : { usd: null, source: "unknown" },
    losses: [],
    decision: decisionOf(pick(RULES)),
    warnings: [],
    attempts: [],
    config_version: 1,
    prefix_hash: null,
  };
}

function decisionOf(rule: string | null): CompleteEvent["decision"] {
  const passed = { rule: 0, label: "capabilities", outcome: "passed" };
  return rule === null ? [passed] : [passed, { rule: 1, label: rule, outcome: "chosen" }];
}

function uuid(random: () => number): string {
  const hex = (digits: number) => Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join("");
  return `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`;
}
