import type { Provider } from "./provider.ts";

/** What OpenTelemetry's conventions call a provider of generative AI, and what is asked of it. */
export interface GenAiNames {
  /** `gen_ai.provider.name`: a well-known value where there is one. */
  readonly system: string;
  /** `gen_ai.operation.name`. */
  readonly operation: "chat" | "generate_content";
}

/** By the end of the host. */
const HOSTS: readonly (readonly [string, string])[] = [
  ["openai.azure.com", "azure.ai.openai"],
  ["services.ai.azure.com", "azure.ai.inference"],
  ["amazonaws.com", "aws.bedrock"],
  ["aiplatform.googleapis.com", "gcp.vertex_ai"],
  ["generativelanguage.googleapis.com", "gcp.gemini"],
  ["anthropic.com", "anthropic"],
  ["cohere.com", "cohere"],
  ["cohere.ai", "cohere"],
  ["deepseek.com", "deepseek"],
  ["groq.com", "groq"],
  ["mistral.ai", "mistral_ai"],
  ["moonshot.ai", "moonshot_ai"],
  ["moonshot.cn", "moonshot_ai"],
  ["openai.com", "openai"],
  ["perplexity.ai", "perplexity"],
  ["x.ai", "x_ai"],
];

export function genAiNames({ config, half, origin }: Pick<Provider, "config" | "half" | "origin">): GenAiNames {
  const host = URL.parse(origin)?.hostname ?? "";
  const known = HOSTS.find(([end]) => host === end || host.endsWith(`.${end}`))?.[1];
  const operation = half.dialect === "gemini" ? "generate_content" : "chat";
  return { system: known ?? config.preset ?? byDialect(half.dialect), operation };
}

/** Of servers nobody has given a name: whose API they speak. */
function byDialect(dialect: Provider["half"]["dialect"]): string {
  if (dialect === "gemini") return "gcp.gemini";
  return dialect.startsWith("openai") ? "openai" : dialect;
}
