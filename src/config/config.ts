import { z } from "zod";
import { whenSchema } from "./conditions.ts";
import { keySource, milliseconds, name, positive, share } from "./fields.ts";
import { routingSchema } from "./routing.ts";
import { serverSchema } from "./server.ts";

// The config file, key by key: the one source of the checker, the types, the JSON Schema and docs/configuration.md.
// Names are the file's own. Rules, classifiers and plugins are checked by their own schemas (kinds.ts).

/** How much of prompts and answers gets into events, and so into log, store, feed and page. */
export const CONTENT_POLICIES = ["full", "redacted", "none"] as const;

export const loggingSchema = z.strictObject({
  enabled: z.boolean().default(false).describe("Write one JSON line per exchange."),
  path: z.string().min(1).default("logs/requests.jsonl").describe("Where; parent folders are made."),
  rotate_mb: z
    .number()
    .nonnegative()
    .default(1024)
    .describe("It is renamed, with the time in its name, when it is so large, in MiB; 0: never."),
  keep_days: z.number().nonnegative().default(0).describe("Renamed files older than this are deleted; 0: none."),
  keep_mb: z
    .number()
    .nonnegative()
    .default(0)
    .describe("The oldest renamed files are deleted when the log is larger altogether, in MiB; 0: none."),
  index: z
    .boolean()
    .default(true)
    .describe("Keep an index beside it (`….index.sqlite`), for the page and `/router/…`."),
  content: z
    .enum(CONTENT_POLICIES)
    .default("full")
    .describe("What of prompts and answers is recorded, on the page too: all, without secrets, or nothing."),
  raw_mb: z
    .number()
    .nonnegative()
    .default(32)
    .describe("Memory for what went over the wire for the latest exchanges, for the dashboard, in MiB; 0 keeps none."),
});

export const telemetrySchema = z.strictObject({
  enabled: z.boolean().default(false).describe("Send OpenTelemetry over OTLP/HTTP."),
  otlp_endpoint: z
    .string()
    .min(1)
    .optional()
    .describe("Base URL of the collector; else OTEL_EXPORTER_OTLP_ENDPOINT, else http://localhost:4318."),
  service_name: z
    .string()
    .min(1)
    .optional()
    .describe("The service name it reports; else OTEL_SERVICE_NAME, else opensourcellmrouter."),
  sample_ratio: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe("Share of traces kept, of those that begin here; else OTEL_TRACES_SAMPLER, else all."),
  content: z
    .boolean()
    .default(false)
    .describe("Put prompts and answers into spans, as far as [logging] content lets them."),
});

export const metricsSchema = z.strictObject({
  enabled: z.boolean().default(false).describe("Serve /metrics for Prometheus."),
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

/** Where a failed request may go besides the target it was sent to. */
export const FAILOVER_SCOPES = ["rule", "chain", "none"] as const;

export const failoverSchema = z.strictObject({
  scope: z
    .enum(FAILOVER_SCOPES)
    .default("rule")
    .describe("Where a failed request may go: to what its rule has, also to the rules after it, or nowhere else."),
  max_attempts: z.number().int().min(1).max(10).default(3).describe("How often one request is sent at most."),
  retry_share: share
    .default(0.2)
    .describe("Further attempts at most, as a share of recent requests, besides 10 in 10 s."),
  max_wait_ms: milliseconds
    .default(20_000)
    .describe("How long one request waits between its attempts at most, altogether."),
  continue_stream: z
    .boolean()
    .default(false)
    .describe("Let another target go on with a text whose provider broke off, where its API allows it."),
  hedge: z
    .boolean()
    .default(false)
    .describe("Ask a second target when the first is slower than usual; the slower one of the two is cancelled."),
  hedge_share: share.default(0.05).describe("Of recent requests, so many at most get a second target by that."),
});

export const breakerSchema = z.strictObject({
  enabled: z
    .boolean()
    .default(true)
    .describe("Leave targets alone for a while that keep failing, or ask for it (`Retry-After`)."),
  consecutive_failures: z.number().int().positive().default(5).describe("So many in a row take a target out."),
  failure_share: share.default(0.5).describe("More than this share of its requests takes a target out."),
  min_requests: z.number().int().positive().default(20).describe("The share counts from so many requests on."),
  window_s: positive.default(10).describe("The time the share is taken over."),
  first_pause_s: positive.default(1).describe("How long it is left alone at first; each time in a row twice as long."),
  max_pause_s: positive.default(60).describe("How long it is left alone at most."),
});

export const overloadSchema = z.strictObject({
  max_in_flight: z
    .number()
    .int()
    .nonnegative()
    .default(2_000)
    .describe("Requests under way at most; further ones are answered 503 at once. 0: no limit."),
  max_delay_ms: milliseconds
    .default(500)
    .describe("The same while the event loop is later than this; 0: however late it is."),
  max_heap_share: share.default(0.9).describe("The same while more than this share of the heap is in use."),
});

export const discoverySchema = z.strictObject({
  refresh_s: positive.default(60).describe("Seconds between two looks at what models the providers have."),
});

/** Defaults depend on where the provider is: `src/upstream/timeouts.ts`. */
export const timeoutSchema = z.strictObject({
  connect_ms: milliseconds.optional().describe("Until the connection stands. Default: 5000 nearby, 10000 elsewhere."),
  first_byte_ms: milliseconds
    .optional()
    .describe(
      "From there until the response headers. Default: 900000 nearby, where models may load, 300000 elsewhere.",
    ),
  idle_ms: milliseconds
    .optional()
    .describe(
      "Between two pieces of the answer, not counting signs of life. Default: 600000 nearby, 300000 elsewhere.",
    ),
  total_ms: milliseconds
    .optional()
    .describe("For the whole exchange, further attempts included. Default: 3600000 nearby, 1800000 elsewhere."),
});

/** A dollar a token is beyond all prices; what is more would make sums that are no numbers. */
const price = z.number().nonnegative().max(1_000_000);

/** In US$ for a million tokens. */
export const pricesSchema = z.strictObject({
  input: price.describe("For a million tokens of input, in US$."),
  output: price.describe("For a million tokens of output, thinking included."),
  cached_read: price.optional().describe("For input read from a prompt cache. Default: as `input`."),
  cache_write: price.optional().describe("For input written to one. Default: as `input`."),
  cache_write_1h: price.optional().describe("For input written to one for an hour. Default: as `cache_write`."),
});

export const FORMATS = ["openai", "openai-responses", "anthropic", "gemini", "ollama", "simulated"] as const;

/** What a simulated provider answers to a prompt. */
export const replySchema = z.strictObject({
  to: z.string().min(1).describe("For prompts that hold this, in any case: the last thing the user wrote."),
  say: z.string().describe("What is answered."),
  think: z.string().optional().describe("What is thought before, where the request asks for reasoning."),
  call: z
    .record(z.string(), z.record(z.string(), z.unknown()))
    .optional()
    .describe("Tools called first, where the request declares them: name = arguments. `say` follows their results."),
});

/** What the router asks of a model before it is sent a request. */
const SIMULATED_CAPABILITIES = ["tools", "vision"] as const;

export const providerSchema = z.strictObject({
  name: name.describe("What rules and logs call it."),
  format: z.enum(FORMATS).optional().describe("The API it speaks; a preset implies it."),
  preset: z.string().optional().describe("A well-known provider: fills in format, base_url and api_key_env."),
  base_url: z.string().min(1).optional().describe("Where it is; a trailing / is dropped; Ollama's has no /v1."),
  api_key_env: name
    .optional()
    .describe("NAME of the environment variable with its key; unset or empty: skipped at start."),
  api_key_from: keySource.describe("Where else its key is: `file:PATH`, `exec:COMMAND`, or `env:NAME`."),
  ca_file: name
    .optional()
    .describe("File with the certificate authorities (PEM) that alone are trusted to vouch for it; default: Node's."),
  proxy: name
    .optional()
    .describe(
      "The proxy it is reached through, `http://host:port`, or `none`; default: as HTTPS_PROXY and the like say.",
    ),
  cost_per_1m_tokens: price
    .optional()
    .describe(
      "Price of a million tokens, whichever they are, where prices are not given: for costs, and for rules that compare them.",
    ),
  prices: pricesSchema
    .optional()
    .describe("What its tokens cost, in US$ per million: for costs, and for rules that compare them."),
  model_prices: z.record(z.string(), pricesSchema).default({}).describe("The same for models, by the name sent."),
  quality: z.number().default(0).describe("Your mark, for the fallback rule."),
  latency_ms: z
    .number()
    .nonnegative()
    .optional()
    .describe("For the latency rule; without it the provider is out there."),
  throughput_tokens_per_sec: z.number().nonnegative().optional().describe("For the throughput rule; likewise."),
  headers: z.record(z.string(), z.string()).default({}).describe("Sent with every request."),
  timeout: timeoutSchema.prefault({}).describe("Its timers, in ms; 0 turns one off."),
  max_concurrency: z
    .number()
    .int()
    .positive()
    .optional()
    .describe("Requests it gets at the same time at most; further ones queue."),
  max_queue: z.number().int().nonnegative().default(100).describe("How many may queue for it."),
  max_queue_ms: milliseconds
    .default(30_000)
    .describe("How long one may queue; who would wait longer goes to the next target, or is told to come again."),
  requests_per_minute: positive.optional().describe("Requests it gets in a minute at most; further ones queue."),
  models: z
    .union([z.record(z.string(), z.string()), z.array(z.string())])
    .optional()
    .describe("Aliases: name clients use = name the provider takes. For simulated also a list: the models it has."),
  ttft_ms: milliseconds.optional().describe("simulated only: ms to the first token."),
  tokens_per_s: positive.optional().describe("simulated only: speed of the answer."),
  error_rate: z.number().min(0).max(1).optional().describe("simulated only: share of requests that fail."),
  errors: z
    .array(z.number().int().min(400).max(599))
    .optional()
    .describe("simulated only: the statuses they fail with."),
  seed: z.number().int().optional().describe("simulated only: makes the failures repeat."),
  outage: z
    .strictObject({
      every_s: positive.describe("How long from one outage to the next, in seconds."),
      lasts_s: positive.describe("For so long at the end of that time it fails every request, with status 502."),
    })
    .optional()
    .describe("simulated only: it is down again and again."),
  speaks: z
    .enum(FORMATS)
    .exclude(["simulated"])
    .optional()
    .describe(
      "simulated only: it takes what this API can express; what else is asked for is lost, as it would be there.",
    ),
  capabilities: z
    .array(z.enum(SIMULATED_CAPABILITIES))
    .optional()
    .describe("simulated only: what its models can do. Default: all of it."),
  prompt_cache: z
    .boolean()
    .optional()
    .describe("simulated only: it keeps beginnings of prompts, and tells how much of one was there."),
  replies: z
    .union([z.literal("examples"), z.array(replySchema)])
    .optional()
    .describe('simulated only: what it answers to which prompts; "examples": to those of `opensourcellmrouter demo`.'),
});

/** Keys that only a provider with `format = "simulated"` has. */
export const SIMULATED_KEYS = [
  "ttft_ms",
  "tokens_per_s",
  "error_rate",
  "errors",
  "seed",
  "outage",
  "speaks",
  "capabilities",
  "prompt_cache",
  "replies",
] as const;

/** Settings every kind of rule takes besides its own. */
export const ruleCommonSchema = z.strictObject({
  when: whenSchema.optional().describe("Only requests of which all this holds; the others are passed on."),
  failover: z.enum(FAILOVER_SCOPES).optional().describe("Instead of [failover] scope, for what this rule decides."),
  fallbacks: z
    .array(
      z.strictObject({
        provider: name.describe("Where a failed request goes."),
        model: name.optional().describe("The model to send there; omitted: as this rule would."),
      }),
    )
    .optional()
    .describe("Where failed requests of this rule go when its own targets are used up, in order."),
});

const enabled = z.boolean().default(false).describe("It runs only when true.");

/** Of what is not built in. */
export const moduleKey = name
  .optional()
  .describe(
    "Your own code: a file beside the config (`./…`) or an installed package; only for names that are not built in.",
  );

/** A rule: `type` and the keys of its kind, checked by the kind's own schema. */
export const ruleSchema = z.looseObject({ type: z.string(), module: moduleKey });

/** Keys every plugin has besides those of its kind. */
export const pluginStageSchema = z.looseObject({
  enabled: enabled.describe("It runs for every request; else only for those that name it."),
  module: moduleKey,
  deadline_ms: milliseconds
    .min(1)
    .optional()
    .describe("How long each of its hooks may take; omitted: its own default."),
  on_error: z
    .enum(["fail", "continue"])
    .default("fail")
    .describe("What a failure before the provider is asked does to the request: it fails, or goes on without."),
});

/** Keys every classifier has besides those of its kind. */
export const classifierStageSchema = z.looseObject({
  enabled,
  module: moduleKey,
  sticky: z
    .boolean()
    .default(false)
    .describe("Where it finds nothing, what it last found in the same conversation counts."),
});

export const responseClassifierStageSchema = z.looseObject({ enabled, module: moduleKey });

export const pipelineSchema = z.strictObject({
  classifier_deadline_ms: milliseconds
    .min(1)
    .default(3_000)
    .describe("How long all classifiers together may take; those that are late give no tags."),
  plugin_deadline_ms: milliseconds
    .min(1)
    .default(10_000)
    .describe("How long a hook of a plugin may take that has no deadline of its own."),
});

export const configSchema = z.strictObject({
  server: serverSchema.prefault({}),
  logging: loggingSchema.prefault({}),
  telemetry: telemetrySchema.prefault({}),
  metrics: metricsSchema.prefault({}),
  translation: translationSchema.prefault({}),
  conversations: conversationsSchema.prefault({}),
  failover: failoverSchema.prefault({}),
  breaker: breakerSchema.prefault({}),
  overload: overloadSchema.prefault({}),
  discovery: discoverySchema.prefault({}),
  providers: z.array(providerSchema).default([]),
  routers: z.array(ruleSchema).default([]),
  routing: routingSchema.prefault({}),
  pipeline: pipelineSchema.prefault({}),
  classifiers: z.record(z.string(), classifierStageSchema).default({}),
  response_classifiers: z.record(z.string(), responseClassifierStageSchema).default({}),
  plugins: z.record(z.string(), pluginStageSchema).default({}),
});

export type Config = z.output<typeof configSchema>;
export type ProviderConfig = z.output<typeof providerSchema>;
export type ContentPolicy = (typeof CONTENT_POLICIES)[number];
export type ReplyConfig = z.output<typeof replySchema>;
export type PricesConfig = z.output<typeof pricesSchema>;
export type RuleConfig = z.output<typeof ruleSchema>;
/** A classifier or plugin, as far as they are alike. */
export type StageConfig = z.output<typeof responseClassifierStageSchema>;
export type FailoverConfig = z.output<typeof failoverSchema>;
export type RoutingConfig = z.output<typeof routingSchema>;
export type FailoverScope = FailoverConfig["scope"];
export type BreakerConfig = z.output<typeof breakerSchema>;
export type OverloadConfig = z.output<typeof overloadSchema>;
export type TimeoutConfig = z.output<typeof timeoutSchema>;
