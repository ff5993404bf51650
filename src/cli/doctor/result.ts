import { z } from "zod";
import { costSchema } from "../../api/measures.ts";
import { STATES } from "./finding.ts";

const findingSchema = z.object({
  check: z.string(),
  state: z.enum(STATES),
  text: z.string(),
  todo: z.string().optional(),
  ms: z.number().optional(),
});

const spentSchema = z.object({
  requests: z.number(),
  input_tokens: z.number(),
  output_tokens: z.number(),
  cost: costSchema,
});

/** What `doctor --json` prints. */
export const resultSchema = z.object({
  version: z.string(),
  /** Null: there is none; what was found on the machine was looked at. */
  config: z.string().nullable(),
  /** Nothing is `failed`, and it was not interrupted: the exit code is 0. */
  ok: z.boolean(),
  interrupted: z.boolean(),
  counts: z.object({ ok: z.number(), warning: z.number(), failed: z.number(), skipped: z.number() }),
  sections: z.array(z.object({ title: z.string(), findings: z.array(findingSchema) })),
  /** Only with `--deep`: a row for each provider that answered. */
  deep: z.array(z.object({ provider: z.string(), model: z.string(), features: z.array(findingSchema) })).optional(),
  /** What was sent to providers and is paid for. */
  spent: spentSchema,
});
export type Result = z.infer<typeof resultSchema>;
