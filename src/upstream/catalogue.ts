import type { ProviderConfig } from "../config/config.ts";
import type { Quirks } from "../wire/format.ts";

/** A well-known provider: what `preset = "…"` fills in, and what start without a config looks for. */
export interface Preset {
  readonly format: NonNullable<ProviderConfig["format"]>;
  readonly base_url: string;
  /** The variable its own tools read the key from. Absent: it needs none. */
  readonly api_key_env?: string;
  /** A second variable its own tools read: looked for by a start without a config. */
  readonly otherKeyEnv?: string;
  readonly quirks?: Quirks;
  /** Port it listens on by default, when it is a server on one's own machine. */
  readonly local?: number;
  /** The variable often holds a token meant for other things: having it is no sign that this provider is wanted. */
  readonly sharedKey?: true;
}

function openai(base_url: string, api_key_env: string, more: Partial<Preset> = {}): Preset {
  return { format: "openai", base_url, api_key_env, ...more };
}

/** As most of them are: OpenAI's API, but for files in messages. */
function withoutFiles(base_url: string, api_key_env: string, more: Partial<Preset> = {}): Preset {
  return openai(base_url, api_key_env, { ...more, quirks: { noFiles: true, ...more.quirks } });
}

function local(format: Preset["format"], port: number, path = "/v1"): Preset {
  return { format, base_url: `http://127.0.0.1:${port}${path}`, local: port };
}

/** Those that deprecated or refuse `max_tokens`. */
const newLimit: Quirks = { maxTokensField: "max_completion_tokens" };
/** Those whose thinking models answer worse, or refuse, when their earlier reasoning is not sent back with tool results. */
const replay: Quirks = { replayReasoning: true };

/**
 * Those that go on with a last assistant message. Mistral: `AssistantMessage.prefix` of its API; Qwen: "Partial mode" of Model
 * Studio; vLLM: both are fields of its ChatCompletionRequest; llama.cpp: its server does so by itself (it refuses where the
 * model thinks). DeepSeek has it only under its beta URL; OpenRouter passes it on, to models that may answer afresh.
 */
const goesOn = {
  mistral: { continues: { message: { prefix: true } } },
  qwen: { continues: { message: { partial: true } } },
  vllm: { continues: { body: { continue_final_message: true, add_generation_prompt: false } } },
  llamacpp: { continues: {} },
} satisfies Record<string, Quirks>;

/** In the order in which a start without a config prefers them. To add one: one line, here. */
export const PRESETS: ReadonlyMap<string, Preset> = new Map<string, Preset>([
  ["anthropic", { format: "anthropic", base_url: "https://api.anthropic.com/v1", api_key_env: "ANTHROPIC_API_KEY" }],
  ["openai", openai("https://api.openai.com/v1", "OPENAI_API_KEY", { quirks: { ...newLimit, developerRole: true } })],
  [
    "gemini",
    {
      format: "gemini",
      base_url: "https://generativelanguage.googleapis.com/v1beta",
      api_key_env: "GEMINI_API_KEY",
      otherKeyEnv: "GOOGLE_API_KEY",
    },
  ],
  ["gemini-openai", openai("https://generativelanguage.googleapis.com/v1beta/openai", "GEMINI_API_KEY")],
  ["openrouter", openai("https://openrouter.ai/api/v1", "OPENROUTER_API_KEY")],
  ["groq", withoutFiles("https://api.groq.com/openai/v1", "GROQ_API_KEY", { quirks: newLimit })],
  ["cerebras", withoutFiles("https://api.cerebras.ai/v1", "CEREBRAS_API_KEY", { quirks: newLimit })],
  ["deepseek", withoutFiles("https://api.deepseek.com/v1", "DEEPSEEK_API_KEY", { quirks: replay })],
  ["mistral", withoutFiles("https://api.mistral.ai/v1", "MISTRAL_API_KEY", { quirks: goesOn.mistral })],
  ["xai", withoutFiles("https://api.x.ai/v1", "XAI_API_KEY", { quirks: newLimit })],
  ["moonshot", withoutFiles("https://api.moonshot.ai/v1", "MOONSHOT_API_KEY", { quirks: replay })],
  ["zai", withoutFiles("https://api.z.ai/api/paas/v4", "ZAI_API_KEY", { quirks: replay })],
  ["minimax", withoutFiles("https://api.minimax.io/v1", "MINIMAX_API_KEY")],
  [
    "qwen",
    withoutFiles("https://dashscope-intl.aliyuncs.com/compatible-mode/v1", "DASHSCOPE_API_KEY", {
      quirks: goesOn.qwen,
    }),
  ],
  ["together", withoutFiles("https://api.together.xyz/v1", "TOGETHER_API_KEY")],
  ["fireworks", withoutFiles("https://api.fireworks.ai/inference/v1", "FIREWORKS_API_KEY")],
  ["deepinfra", withoutFiles("https://api.deepinfra.com/v1/openai", "DEEPINFRA_API_KEY")],
  ["sambanova", withoutFiles("https://api.sambanova.ai/v1", "SAMBANOVA_API_KEY")],
  ["nvidia", withoutFiles("https://integrate.api.nvidia.com/v1", "NVIDIA_API_KEY")],
  ["cohere", withoutFiles("https://api.cohere.ai/compatibility/v1", "COHERE_API_KEY")],
  ["perplexity", openai("https://api.perplexity.ai", "PERPLEXITY_API_KEY")],
  ["vercel", openai("https://ai-gateway.vercel.sh/v1", "AI_GATEWAY_API_KEY")],
  ["huggingface", withoutFiles("https://router.huggingface.co/v1", "HF_TOKEN", { sharedKey: true })],
  ["github", withoutFiles("https://models.github.ai/inference", "GITHUB_TOKEN", { sharedKey: true })],
  ["ollama-cloud", { format: "ollama", base_url: "https://ollama.com", api_key_env: "OLLAMA_API_KEY" }],
  ["ollama", local("ollama", 11434, "")],
  ["llamacpp", { ...local("openai", 8080), quirks: goesOn.llamacpp }],
  ["lmstudio", local("openai", 1234)],
  ["vllm", { ...local("openai", 8000), quirks: goesOn.vllm }],
]);
