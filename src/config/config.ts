import { z } from "zod";

/**
 * The config file, key by key: the one source of the checker, the types, the JSON Schema and docs/configuration.md.
 * Names are the file's own. Rules, classifiers and plugins are checked by their own schemas (kinds.ts).
 */
const positive = z.number().positive();
const milliseconds = z.number().int().nonnegative();
const name = z.string().min(1);

export const serverSchema = z.strictObject({
  host: z.string().min(1).default("127.0.0.1").describe("Address to listen on; 0.0.0.0 accepts other machines."),
  port: z.number().int().min(0).max(65535).default(8090).describe("Port to listen on; 0 takes a free one."),
  dashboard: z.boolean().default(false).describe("Serve /dashboard and its event feed."),
  api_key_env: name.optional().describe("NAME of the environment variable that holds the key clients must present."),
  allowed_hosts: z
    .array(name)
    .default([])
    .describe("Further names this router may be called by, without port; loopback names always may."),
  max_body_mb: positive.default(64).describe("Largest request body taken, in MiB."),
});

export const loggingSchema = z.strictObject({
  enabled: z.boolean().default(false).describe("Write one JSON line per exchange."),
  path: z.string().min(1).default("logs/requests.jsonl").describe("Where; parent folders are made."),
});

export const telemetrySchema = z.strictObject({
  enabled: z.boolean().default(false).describe("Send OpenTelemetry over OTLP/HTTP."),
  otlp_endpoint: z.string().min(1).default("http://localhost:4318").describe("Base URL of the collector."),
  service_name: z.string().min(1).default("opensourcellmrouter").describe("The service name it reports."),
  sample_ratio: z.number().min(0).max(1).default(1).describe("Share of traces kept."),
});

export const translationSchema = z.strictObject({
  strict: z
    .boolean()
    .default(false)
    .describe("Refuse what the target cannot express, instead of naming it in X-Router-Losses."),
});

export const conversationsSchema = z.strictObject({
  max_mb: z
    .number()
    .nonnegative()
    .default(64)
    .describe("Memory for what the router keeps between requests, in MiB; 0 keeps nothing."),
  max_entries: z.number().int().positive().default(100_000).describe("How many things it keeps at most."),
  ttl_minutes: positive.default(120).describe("What was not used for so long is forgotten."),
});

export const discoverySchema = z.strictObject({
  refresh_s: positive.default(60).describe("Seconds between two looks at what models the providers have."),
});

export const timeoutSchema = z.strictObject({
  connect_ms: milliseconds.default(10_000).describe("Until the connection stands."),
  first_byte_ms: milliseconds
    .default(300_000)
    .describe("Until the response headers; local models may load for minutes."),
  idle_ms: milliseconds.default(120_000).describe("Between two pieces of the answer."),
  total_ms: milliseconds.default(1_800_000).describe("For the whole exchange."),
});

export const FORMATS = ["openai", "openai-responses", "anthropic", "gemini", "ollama", "simulated"] as const;

export const providerSchema = z.strictObject({
  name: name.describe("What rules and logs call it."),
  format: z.enum(FORMATS).optional().describe("The API it speaks; a preset implies it."),
  preset: z.string().optional().describe("A well-known provider: fills in format, base_url and api_key_env."),
  base_url: z.string().min(1).optional().describe("Where it is; a trailing / is dropped; Ollama's has no /v1."),
  api_key_env: name
    .optional()
    .describe("NAME of the environment variable with its key; unset or empty: skipped at start."),
  cost_per_1m_tokens: z.number().nonnegative().default(0).describe("Price, for the price and fallback rules."),
  quality: z.number().default(0).describe("Your mark, for the fallback rule."),
  latency_ms: z
    .number()
    .nonnegative()
    .optional()
    .describe("For the latency rule; without it the provider is out there."),
  throughput_tokens_per_sec: z.number().nonnegative().optional().describe("For the throughput rule; likewise."),
  headers: z.record(z.string(), z.string()).default({}).describe("Sent with every request."),
  timeout: timeoutSchema.prefault({}).describe("Its timers, in ms; 0 turns one off."),
  models: z
    .union([z.record(z.string(), z.string()), z.array(z.string())])
    .optional()
    .describe("Aliases: name clients use = name the provider takes. For simulated: the list of its models."),
  ttft_ms: milliseconds.optional().describe("simulated only: ms to the first token."),
  tokens_per_s: positive.optional().describe("simulated only: speed of the answer."),
  error_rate: z.number().min(0).max(1).optional().describe("simulated only: share of requests that fail."),
  errors: z
    .array(z.number().int().min(400).max(599))
    .optional()
    .describe("simulated only: the statuses they fail with."),
  seed: z.number().int().optional().describe("simulated only: makes the failures repeat."),
});

/** Keys that only a provider with `format = "simulated"` has. */
export const SIMULATED_KEYS = ["ttft_ms", "tokens_per_s", "error_rate", "errors", "seed"] as const;

/** A rule: `type` and the keys of its kind, checked by the kind's own schema. */
export const ruleSchema = z.looseObject({ type: z.string() });
/** Settings of a classifier or plugin: `enabled` and the keys of its kind. */
export const stageSchema = z.looseObject({ enabled: z.boolean().default(false) });

export const configSchema = z.strictObject({
  server: serverSchema.prefault({}),
  logging: loggingSchema.prefault({}),
  telemetry: telemetrySchema.prefault({}),
  translation: translationSchema.prefault({}),
  conversations: conversationsSchema.prefault({}),
  discovery: discoverySchema.prefault({}),
  providers: z.array(providerSchema).default([]),
  routers: z.array(ruleSchema).default([]),
  classifiers: z.record(z.string(), stageSchema).default({}),
  response_classifiers: z.record(z.string(), stageSchema).default({}),
  plugins: z.record(z.string(), stageSchema).default({}),
});

export type Config = z.output<typeof configSchema>;
export type ProviderConfig = z.output<typeof providerSchema>;
export type RuleConfig = z.output<typeof ruleSchema>;
export type StageConfig = z.output<typeof stageSchema>;
export type TimeoutConfig = z.output<typeof timeoutSchema>;
