import { z } from "zod";

/** In a query: wall clock, ms since 1970, as far as a date can be. */
export const wallMs = z.coerce.number().min(0).max(8_640_000_000_000_000);

/** Tokens of one exchange. */
export const usageSchema = z.object({
  input_tokens: z.number(),
  output_tokens: z.number(),
  cached_read_tokens: z.number(),
  cache_write_tokens: z.number(),
  reasoning_tokens: z.number(),
  reported: z.boolean().describe("False: estimated by the router."),
});

/** What an exchange cost. */
export const costSchema = z.object({
  usd: z.number().nullable().describe("US dollars; null when the price is not known."),
  source: z
    .enum(["configured", "catalogue", "unknown", "none"])
    .describe(
      "Where the price is from: the owner's config, the price catalogue, or nowhere. `none`: no provider was asked.",
    ),
});
export type CostShape = z.infer<typeof costSchema>;

export const percentilesSchema = z.object({ p50: z.number(), p95: z.number(), p99: z.number() });

/** What a number of exchanges add up to. Durations in ms, percentiles within 5 %. */
export const measuresSchema = z.object({
  requests: z.number(),
  errors: z.number().describe("Of these; clients that left are not among them."),
  client_gone: z.number().describe("Of these, whose client left before the end."),
  input_tokens: z.number(),
  output_tokens: z.number(),
  cached_read_tokens: z.number(),
  cache_write_tokens: z.number(),
  reasoning_tokens: z.number(),
  cost_usd: z.number().describe("Of those whose price is known."),
  unpriced: z.number().describe("Of these, so many used tokens whose price is not known."),
  duration_ms: percentilesSchema.nullable(),
  time_to_first_token_ms: percentilesSchema.nullable().describe("Of streams: a whole answer has no first token."),
});
export type Measures = z.infer<typeof measuresSchema>;
