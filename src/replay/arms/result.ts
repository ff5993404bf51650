import { z } from "zod";
import { costSchema } from "../../api/measures.ts";
import type { Json } from "../../core/json.ts";

const toolCallSchema = z.object({ name: z.string(), arguments: z.custom<Json>() });

const answerSchema = z.object({
  provider: z.string(),
  /** As it was sent. */
  model: z.string(),
  text: z.string(),
  tool_calls: z.array(toolCallSchema),
  /** `end_turn`, `max_tokens`, `tool_use` or `other`; null: there was none. */
  finish: z.string().nullable(),
  input_tokens: z.number(),
  output_tokens: z.number(),
  cost: costSchema,
  ms: z.number(),
});
export type Answer = z.infer<typeof answerSchema>;

const armAnswerSchema = answerSchema.extend({
  arm: z.string(),
  /** `ok`, the kind of failure, or `not_sent` where the request cannot be said in the provider's API. */
  outcome: z.string(),
  error: z.string().nullable(),
  /** What the answer was allowed to take. */
  max_output_tokens: z.number(),
  losses: z.array(z.object({ field: z.string(), treatment: z.string(), class: z.string() })),
  /** With the logged text: 0 to 1, the share of words they have in common; null: neither has text, or it failed. */
  similarity: z.number().nullable(),
  /** The same tools were called, in the same order; null: neither called one, or it failed. */
  same_tools: z.boolean().nullable(),
  /** With the same arguments besides. */
  same_arguments: z.boolean().nullable(),
});
export type ArmAnswer = z.infer<typeof armAnswerSchema>;

const exchangeSchema = z.object({
  id: z.string(),
  ts_ms: z.number(),
  tags: z.array(z.string()),
  requested_model: z.string(),
  /** The beginning of the last user message. */
  prompt: z.string().nullable(),
  messages: z.number(),
  /** Tools for which a definition was made up from their calls. */
  stand_in_tools: z.array(z.string()),
  /** What the log does not have of the request. */
  missing: z.array(z.string()),
  logged: answerSchema,
  arms: z.array(armAnswerSchema),
});
export type ArmsExchange = z.infer<typeof exchangeSchema>;

const summarySchema = z.object({
  /** `logged`: what was answered then to those that were asked again. */
  arm: z.string(),
  asked: z.number(),
  ok: z.number(),
  failed: z.number(),
  /** Answers that took all they were allowed to. */
  cut: z.number(),
  cost: costSchema,
  p50_ms: z.number().nullable(),
  p95_ms: z.number().nullable(),
  /** Mean of those that are ok. */
  output_tokens: z.number().nullable(),
  /** Mean, characters. */
  text_chars: z.number().nullable(),
  /** Median. */
  similarity: z.number().nullable(),
  /** Of those where it or the log called tools. */
  same_tools: z.object({ same: z.number(), of: z.number() }).nullable(),
  losses: z.array(z.object({ field: z.string(), count: z.number() })),
});
export type ArmSummary = z.infer<typeof summarySchema>;

/** What `replay --arms --json` prints. */
export const armsResultSchema = z.object({
  log: z.string(),
  config: z.string(),
  seed: z.number(),
  /** Exchanges looked at, and of these what can be asked again. */
  considered: z.number(),
  askable: z.number(),
  not_askable: z.array(z.object({ reason: z.string(), count: z.number() })),
  sampled: z.number(),
  /** What asking the whole sample is expected to cost: for each arm. */
  expected: z.array(
    z.object({ arm: z.string(), cost: costSchema, input_tokens: z.number(), output_tokens: z.number() }),
  ),
  /** Null: none was given, and nothing was asked. */
  max_usd: z.number().nullable(),
  /** Of what is priced. Answers that broke off count with all they were allowed. */
  spent_usd: z.number(),
  /** `no_cap`: nothing was asked; `cap`: the next exchange would have cost more than is left; null: all were asked. */
  stopped: z.enum(["no_cap", "cap", "interrupted"]).nullable(),
  exchanges: z.array(exchangeSchema),
  summary: z.array(summarySchema),
});
export type ArmsResult = z.infer<typeof armsResultSchema>;
