import { z } from "zod";
import { measuresSchema, wallMs } from "./measures.ts";

export const GROUPINGS = ["provider", "model", "tag", "client", "rule"] as const;

/** `GET /router/stats`: `step_ms` follows from the range, so that there are at most some 200 points. */
export const statsQuerySchema = z.object({
  since_ms: wallMs.optional().describe("Default: 15 minutes before `until_ms`."),
  until_ms: wallMs.optional().describe("Default: now."),
  by: z.enum(GROUPINGS).optional().describe("`client` groups by agent where that is known, else by dialect."),
});
export type StatsQuery = z.infer<typeof statsQuerySchema>;

export const pointSchema = measuresSchema.extend({ ts_ms: z.number().describe("Begin of the step.") });
export type Point = z.infer<typeof pointSchema>;

export const groupSchema = z.object({
  key: z.string().describe("`(none)`: has none; `(other)`: what is too rare to be listed."),
  total: measuresSchema,
  points: z.array(pointSchema).describe("Steps without a request are left out."),
});

/** So many requests took this way. */
export const flowSchema = z.object({
  client: z.string(),
  tags: z.array(z.string()),
  rule: z.string().nullable(),
  provider: z.string().nullable(),
  requests: z.number(),
  errors: z.number(),
  cost_usd: z.number(),
});

export const statsSchema = z.object({
  since_ms: z.number().describe("Widened to whole steps."),
  until_ms: z.number(),
  step_ms: z.number(),
  total: measuresSchema,
  points: z.array(pointSchema).describe("Oldest first; steps without a request are left out."),
  by: z.enum(GROUPINGS).nullable(),
  groups: z.array(groupSchema).describe("Most requests first; empty without `by`."),
  flows: z.array(flowSchema).describe("Most requests first."),
});
export type Stats = z.infer<typeof statsSchema>;
