import { z } from "zod";

const breakerState = z.enum(["closed", "open", "probing"]);

/** How a provider is right now. Durations are counted from `ts_ms`. */
export const providerLiveSchema = z.object({
  state: breakerState.describe("Of the way to it: in use, left alone, or tried by one request."),
  reason: z.string().nullable().describe("Why it was left alone."),
  pause_ms: z.number().describe("How long it still is."),
  alarms: z
    .array(
      z.object({
        alarm: z.enum(["credential", "quota", "not-found", "tls"]),
        model: z.string().describe("Of the last time."),
        reason: z.string(),
        times: z.number(),
        ago_ms: z.number(),
      }),
    )
    .describe("What only its owner can mend, of the last hour."),
  troubled_models: z
    .array(
      z.object({
        model: z.string(),
        state: breakerState,
        reason: z.string().nullable(),
        pause_ms: z.number(),
        hold_ms: z.number().describe("What is left of the time it asked for."),
      }),
    )
    .describe("Models that are left alone or tried themselves."),
  last_errors: z
    .array(
      z.object({
        ts_ms: z.number(),
        model: z.string().describe("As it was sent."),
        kind: z.string().describe("The failure's kind."),
        status: z.number().nullable().describe("HTTP status of the provider, where it answered."),
        message: z.string().describe("In the router's words: nothing of the prompt is in it."),
      }),
    )
    .describe("Of the latest attempts that failed, newest first."),
  in_flight: z.number().describe("Requests it has."),
  queued: z.number().describe("Requests that wait for it."),
  load: z
    .object({ in_flight: z.number(), queued: z.number(), mean_ms: z.number().nullable() })
    .nullable()
    .describe("The same where it has limits, with how long a request takes lately; null where it has none."),
  time_to_first_token: z
    .array(
      z.object({
        model: z.string().describe("As it was sent."),
        samples: z.number(),
        p50_ms: z.number(),
        p95_ms: z.number().nullable().describe("Null below 20 samples."),
      }),
    )
    .describe("Of the streams of the last 15 minutes."),
  output_tokens_per_sec: z
    .array(z.object({ model: z.string(), samples: z.number(), p50: z.number() }))
    .describe("Likewise: from their first token to their last."),
  error_rates: z
    .array(
      z.object({
        model: z.string(),
        samples: z.number().describe("Attempts."),
        share: z.number().describe("Of these, 0 to 1: those that failed; newer ones count more."),
      }),
    )
    .describe("Of models that were asked at least 20 times in the last 15 minutes."),
  discovery: z.object({
    models: z.number().describe("How many it lists."),
    names: z.array(z.string()).describe("Their names, 1,000 at most."),
    ago_ms: z.number().nullable().describe("How long ago it was asked; null: it never answered."),
  }),
});
export type ProviderLive = z.infer<typeof providerLiveSchema>;

/** US dollars for a million tokens. */
const prices = z.object({
  input: z.number(),
  output: z.number(),
  cached_read: z.number().optional(),
  cache_write: z.number().optional(),
  cache_write_1h: z.number().optional(),
});

/** A provider as it is set up, without its secrets. */
const providerSettingsSchema = z.object({
  name: z.string(),
  format: z.string().nullable(),
  preset: z.string().nullable(),
  base_url: z.string().nullable().describe("Where requests go."),
  key: z
    .object({ variable: z.string(), set: z.boolean() })
    .nullable()
    .describe("The variable its key is in; null: it needs none."),
  headers: z.array(z.string()).describe("Names of the headers it gets."),
  aliases: z.record(z.string(), z.string()),
  cost_per_1m_tokens: z.number().nullable().describe("As configured: one price for all tokens."),
  prices: prices.nullable().describe("As configured, for all its models."),
  model_prices: z.record(z.string(), prices).describe("As configured, by the name sent."),
  quality: z.number(),
  latency_ms: z.number().nullable().describe("As configured, for the latency rule."),
  throughput_tokens_per_sec: z.number().nullable().describe("As configured, for the throughput rule."),
  limits: z.object({
    max_concurrency: z.number().nullable(),
    max_queue: z.number(),
    max_queue_ms: z.number(),
    requests_per_minute: z.number().nullable(),
  }),
  timeout: z.record(z.string(), z.number().optional()),
});

/** `GET /router/providers`. */
export const providersSchema = z.object({
  ts_ms: z.number(),
  config_version: z.number(),
  providers: z.array(
    providerSettingsSchema.extend({
      live: providerLiveSchema.nullable().describe("Null: it was skipped for want of its key."),
    }),
  ),
});
export type ProviderSettings = z.infer<typeof providerSettingsSchema>;
export type Providers = z.infer<typeof providersSchema>;
