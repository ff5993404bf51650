import { z } from "zod";
import { costSchema, usageSchema, wallMs } from "./measures.ts";

/** One exchange as lists show it: `GET /router/exchanges`. Times are wall clock ms, durations ms. */
export const exchangeRowSchema = z.object({
  id: z.string(),
  ts_ms: z.number().describe("When it ended."),
  started_ms: z.number(),
  duration_ms: z.number(),
  time_to_first_token_ms: z.number().nullable(),
  client: z.string().describe("The client's dialect: `openai`, `anthropic`, …"),
  agent: z.string().nullable().describe("The program, as its user-agent names it: `claude-code`, `codex`, `curl`, …"),
  key: z.string().nullable().describe("What the config calls the key it came with; null: none was asked for."),
  session: z.string().nullable().describe("What the client calls the conversation."),
  stream: z.boolean(),
  passthrough: z.boolean(),
  requested_model: z.string(),
  sent_model: z.string().nullable(),
  provider: z.string().nullable().describe("`plugin` when a plugin answered."),
  rule: z.string().nullable().describe("Label of the rule that decided."),
  tags: z.array(z.string()).describe("Of the request."),
  response_tags: z.array(z.string()),
  plugins: z.array(z.string()).describe("Those that acted."),
  outcome: z.string().describe("`ok`, a failure kind, or a router error code."),
  status: z.number().nullable().describe("HTTP status the client got."),
  error: z.string().nullable(),
  usage: usageSchema.nullable(),
  cost: costSchema,
  attempts: z.number(),
  losses: z.number(),
  warnings: z.number(),
  preview: z.string().nullable().describe("The beginning of the last user message; null when content is not logged."),
});
export type ExchangeRow = z.infer<typeof exchangeRowSchema>;

export const exchangeQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(50),
  before: z
    .string()
    .regex(/^\d{1,16}$/)
    .optional()
    .describe("`next` of the page before."),
  since_ms: wallMs.optional(),
  until_ms: wallMs.optional().describe("Exclusive."),
  provider: z.string().optional(),
  model: z.string().optional().describe("Requested or sent."),
  client: z.string().optional().describe("Dialect."),
  agent: z.string().optional(),
  client_key: z.string().optional().describe("The name of the key it came with."),
  session: z.string().optional(),
  tag: z.string().optional().describe("Of request or response."),
  rule: z.string().optional(),
  outcome: z.string().optional().describe("`ok`, `error` (all but `ok` and `client-gone`), or one outcome."),
  q: z
    .string()
    .optional()
    .describe("Words to search in preview, models, provider, tags, session, agent, error and id."),
});
export type ExchangeQuery = z.infer<typeof exchangeQuerySchema>;

export const exchangePageSchema = z.object({
  exchanges: z.array(exchangeRowSchema).describe("Newest first."),
  next: z
    .string()
    .nullable()
    .describe(
      "Hand it on as `before` for older ones. A page may be short, even empty, and have a `next`: so far was searched.",
    ),
});
export type ExchangePage = z.infer<typeof exchangePageSchema>;

/** What went over the wire on one side. Bodies are text as it was sent; credentials are left out of the headers. */
export const rawSideSchema = z.object({
  method: z.string(),
  path: z.string(),
  request_headers: z.record(z.string(), z.string()),
  request: z.string().nullable(),
  status: z.number().nullable(),
  response_headers: z.record(z.string(), z.string()),
  response: z.string().nullable(),
  truncated: z.boolean().describe("Only the beginning of a body was kept."),
});
export type RawSide = z.infer<typeof rawSideSchema>;

export const rawExchangeSchema = z.object({
  client: rawSideSchema,
  provider: rawSideSchema.nullable().describe("Of the attempt that answered, or failed last; null: nothing was sent."),
});
export type RawExchange = z.infer<typeof rawExchangeSchema>;

/** One exchange with all that is known of it: `GET /router/exchanges/{id}`. */
export const exchangeDetailSchema = z.object({
  exchange: exchangeRowSchema,
  record: z
    .record(z.string(), z.unknown())
    .nullable()
    .describe("Its `complete` event, as the log holds it; null when that is not to be had."),
  record_missing: z.string().nullable().describe("Why there is no record."),
  raw: rawExchangeSchema.nullable().describe("Kept in memory for the latest exchanges only."),
});
export type ExchangeDetail = z.infer<typeof exchangeDetailSchema>;
