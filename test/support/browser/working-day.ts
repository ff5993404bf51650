import type { CompleteEvent } from "../../../src/record/events.ts";
import { randomRecord, seeded } from "../log-records.ts";
import type { Answer, UpstreamFormat } from "../upstream/answer.ts";
import type { Upstream } from "../upstream/upstream.ts";

export interface Asked {
  agent: string;
  path: string;
  model: string;
  prompt: string;
  answer: Answer;
}

/** What a working day asks, by which program, and what it is told. */
export const DAY: readonly Asked[] = [
  {
    agent: "claude-cli/2.1.0",
    path: "/v1/messages",
    model: "claude-sonnet-5",
    prompt: "Why does this function return undefined when the list is empty?",
    answer: {
      thinking: { text: "reduce without an initial value …" },
      text: "Because reduce has no initial value there: with an empty list nothing is ever assigned. Give it 0 as a second argument.",
      usage: { input: 18_240, cachedRead: 16_900, output: 212 },
    },
  },
  {
    agent: "codex_cli_rs/0.60.0",
    path: "/v1/chat/completions",
    model: "gpt-5.2",
    prompt: "Write a test for the retry budget, with a clock that is passed in",
    answer: {
      text: "describe('retry budget', () => { test('a share of the traffic, no more', () => { const clock = fakeClock(); …",
      usage: { input: 9_410, cachedRead: 4_096, output: 640 },
    },
  },
  {
    agent: "opencode/1.4",
    path: "/v1/chat/completions",
    model: "qwen3:8b",
    prompt: "Name this variable: seconds until the breaker closes",
    answer: { text: "breakerCloseSeconds", usage: { input: 312, output: 9 } },
  },
  {
    agent: "OpenAI/Python 2.1.0",
    path: "/v1/chat/completions",
    model: "gemini-3-pro",
    prompt: "A poem on the sea, in four lines",
    answer: {
      text: "The tide keeps books nobody reads, / and signs each page in foam; / it lends the shore a little while / and takes the evening home.",
      usage: { input: 41, output: 48 },
    },
  },
  {
    agent: "GeminiCLI/0.9",
    path: "/v1/chat/completions",
    model: "gemini-3-pro",
    prompt: "Compare two ways to cache a prompt, in three sentences",
    answer: {
      text: "Explicit marks say what is kept and cost a little to write. Automatic caches keep what repeats and cost nothing to set up. Either is lost when the beginning changes.",
      usage: { input: 188, output: 61 },
    },
  },
  {
    agent: "curl/8.5.0",
    path: "/v1/chat/completions",
    model: "auto",
    prompt: "Translate 'good morning' into French and Portuguese",
    answer: { text: "Bonjour. Bom dia.", usage: { input: 24, output: 14 } },
  },
];

export const PROVIDERS: readonly { name: string; format: UpstreamFormat; prices: string }[] = [
  {
    name: "anthropic",
    format: "anthropic",
    prices: "prices = { input = 3, output = 15, cached_read = 0.3, cache_write = 3.75 }",
  },
  { name: "openai", format: "openai", prices: "prices = { input = 1.25, output = 10, cached_read = 0.125 }" },
  { name: "gemini", format: "gemini", prices: "prices = { input = 2, output = 12 }" },
  { name: "local", format: "ollama", prices: "prices = { input = 0, output = 0 }" },
];

export function dayConfig(upstreams: readonly Upstream[], logPath: string): string {
  const providers = PROVIDERS.map(
    ({ name, format, prices }, at) =>
      `[[providers]]\nname = "${name}"\nformat = "${format}"\nbase_url = "${upstreams[at]?.url}"\n${prices}\n`,
  );
  const rules = [
    ["claude-", "anthropic"],
    ["gpt-", "openai"],
    ["gemini-", "gemini"],
    ["qwen", "local"],
  ].map(([prefix, provider]) => `[[routers]]\ntype = "prefix"\nmodel_prefix = "${prefix}"\nprovider = "${provider}"\n`);
  return [
    `[server]\nport = 0\ndashboard = true\n\n[logging]\nenabled = true\npath = ${JSON.stringify(logPath)}\n`,
    '[classifiers.keyword]\nenabled = true\n\n[classifiers.keyword.tags]\ncode = ["function", "test", "variable"]\nwriting = ["poem"]\n',
    ...providers,
    ...rules,
    '[[routers]]\ntype = "fallback"\nproviders = ["local"]\nrewrite_model = "qwen3:8b"\n',
  ].join("\n");
}

const HOUR_MS = 3_600_000;
/** How the hours of a day differ. */
const HOURS = [1, 1, 0, 0, 0, 0, 2, 5, 9, 14, 18, 17, 9, 12, 19, 21, 18, 12, 7, 6, 8, 7, 4, 2];
const AGENTS = ["claude-code", "codex", "opencode", "openai-sdk", "gemini-cli", "curl"];
const NAMES = ["anthropic", "openai", "local", "gemini", "gemini", "local"];
const MODELS = ["claude-sonnet-5", "gpt-5.2", "qwen3:8b", "gemini-3-pro", "gemini-3-pro", "qwen3:8b"];
const DOLLARS_PER_TOKEN = [0.000_002, 0.000_001_5, 0, 0.000_002_5, 0.000_002_5, 0];

/** The records of the 24 hours before now, as lines of the log. */
export function lastDay(): string {
  const random = seeded(24);
  const nowMs = Date.now();
  const records: CompleteEvent[] = [];
  for (let tsMs = nowMs - 24 * HOUR_MS; tsMs < nowMs - 60_000; ) {
    const perHour = 40 * ((HOURS[new Date(tsMs).getUTCHours()] ?? 0) + 0.4);
    tsMs += (-Math.log(1 - random()) * HOUR_MS) / perHour;
    if (tsMs < nowMs) records.push(recordOf(random, Math.floor(tsMs)));
  }
  return records.map((record) => `${JSON.stringify(record)}\n`).join("");
}

function recordOf(random: () => number, tsMs: number): CompleteEvent {
  const which = Math.floor(random() ** 1.6 * AGENTS.length);
  const isOk = random() < 0.97;
  const drawn = randomRecord(random, tsMs);
  const [input, output] = [Math.floor(400 + random() ** 3 * 40_000), Math.floor(20 + random() ** 2 * 1_800)];
  const first = Math.floor(120 + 900 * random() ** 2);
  const duration = first + Math.floor(output * (6 + 12 * random()));
  const provider = NAMES[which] ?? "local";
  return {
    ...drawn,
    provider,
    requested_model: MODELS[which] ?? "auto",
    sent_model: MODELS[which] ?? "auto",
    agent: AGENTS[which] ?? null,
    client: which === 0 ? "anthropic" : "openai",
    tags: which < 3 ? ["code"] : random() < 0.3 ? ["writing"] : [],
    outcome: isOk ? "ok" : "overloaded",
    status: isOk ? 200 : 529,
    error: isOk ? null : "overloaded",
    duration_ms: duration,
    time_to_first_token_ms: isOk ? first : null,
    usage: isOk
      ? {
          input_tokens: input,
          output_tokens: output,
          cached_read_tokens: which === 0 ? Math.floor(input * 0.8) : 0,
          cache_write_tokens: 0,
          reasoning_tokens: 0,
          reported: true,
        }
      : null,
    cost: isOk
      ? { usd: (input + output) * (DOLLARS_PER_TOKEN[which] ?? 0), source: "configured" }
      : { usd: null, source: "none" },
    decision: [{ rule: 0, label: `prefix → ${provider}`, outcome: "chosen" }],
  };
}
