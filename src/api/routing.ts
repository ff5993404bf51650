import { z } from "zod";
import { costSchema } from "./measures.ts";

/** What one rule said: `src/routing/decision.ts`. */
const verdictSchema = z.object({
  rule: z.number().describe("Its place in the chain, from 0."),
  label: z.string(),
  outcome: z.enum(["chosen", "passed", "incapable", "not-asked"]),
  provider: z.string().optional(),
  model: z.string().optional(),
  reason: z.string().optional(),
  compared: z
    .array(
      z.object({
        provider: z.string(),
        model: z.string().describe("As it would be sent."),
        out: z.boolean().describe("Not among those it may choose."),
        note: z.string().describe("What it goes by, or why it is out."),
        numbers: z
          .array(
            z.object({
              name: z.enum(["latency_ms", "tokens_per_sec", "error_rate", "cost_per_1m"]),
              value: z.number(),
              source: z.enum(["configured", "measured", "catalogue"]),
              samples: z.number().optional().describe("How many answers say so."),
            }),
          )
          .describe("What the rule asked of it; with `[routing] measured = false` nothing but the config."),
      }),
    )
    .optional()
    .describe("Of a rule that compares: all there are, best first."),
});

/** What could not be told a provider: `src/core/loss.ts`. */
const lossSchema = z.object({
  field: z.string().describe("In the client's words."),
  treatment: z.string().describe("What was done: `dropped`, `clamped(1.4->1)`."),
  class: z.enum(["silent", "report", "reject"]),
});

/** `POST /router/route`: where a request would go, and why; nothing is sent. The body is the client's own. */
export const dryRunSchema = z.object({
  client: z.string().describe("The dialect the body was read as."),
  requested_model: z.string(),
  tags: z.array(z.string()),
  plugins: z
    .array(z.string())
    .describe("Those that see the request before it is routed; they were not asked, and may change the decision."),
  unasked: z
    .array(z.string())
    .describe("Classifiers that would ask a model or a service: they were not, and their tags are missing."),
  needs: z.array(z.string()).describe("What the model must be able to do: `vision`, `tools`."),
  verdicts: z.array(verdictSchema),
  targets: z
    .array(
      z.object({
        provider: z.string(),
        model: z.string().describe("As it would be sent."),
        state: z.enum(["closed", "open", "probing"]).describe("Of its breaker."),
        hold_ms: z.number().describe("What is left of the time it asked to be left alone for."),
        why: z.string().describe("How it comes to be in this place, for people."),
      }),
    )
    .describe("Where it would go, then where failover would; empty: no rule takes it."),
  error: z.string().nullable().describe("Why it could not be answered."),
  losses: z.array(lossSchema).describe("What the first target cannot be told."),
  input_tokens: z.number().describe("Estimated."),
  input_cost: costSchema.describe("Of the estimated input tokens at the first target."),
  expected: z
    .object({
      input_tokens: z.number(),
      cached_tokens: z.number().describe("Of these, in the first target's prompt cache."),
      output_tokens: z.number(),
      cost: costSchema,
    })
    .nullable()
    .describe("What it will take at the first target, answer and prompt cache included, as rules reckon with it."),
  affinity: z
    .object({ provider: z.string(), model: z.string(), cached_tokens: z.number() })
    .nullable()
    .describe("Where its conversation was answered before."),
  prefer: z
    .object({ provider: z.string(), model: z.string(), why: z.string() })
    .nullable()
    .describe("Where it has to stay, if the rule that decides has that among its own."),
});
export type DryRun = z.infer<typeof dryRunSchema>;

const stageSummarySchema = z.object({ name: z.string(), enabled: z.boolean(), settings: z.looseObject({}) });

export const dryRunQuerySchema = z.object({
  client: z
    .enum(["openai", "openai-responses", "openai-completions", "anthropic", "gemini", "ollama", "ollama-generate"])
    .default("openai")
    .describe("Whose API the body is of."),
  model: z.string().optional().describe("For `gemini`, whose bodies do not name it."),
});

/** `GET /router/config`: the config that answers, without secrets. */
export const configSummarySchema = z.object({
  version: z.number(),
  file: z.string().nullable().describe("Null: nothing was configured."),
  server: z.looseObject({}),
  logging: z.looseObject({}),
  failover: z.looseObject({}),
  providers: z.array(z.string()),
  skipped: z.array(z.object({ provider: z.string(), variable: z.string() })).describe("For want of their key."),
  rules: z.array(
    z.object({
      rule: z.number(),
      label: z.string(),
      type: z.string(),
      settings: z.looseObject({}),
    }),
  ),
  classifiers: z.array(stageSummarySchema),
  response_classifiers: z.array(stageSummarySchema),
  plugins: z.array(stageSummarySchema),
  reloads: z
    .array(
      z.object({
        ts_ms: z.number(),
        version: z.number().describe("That answered from then on."),
        ok: z.boolean().describe("It was taken."),
        source: z.enum(["SIGHUP", "file", "rollback"]),
        problems: z.array(z.string()),
        changes: z.array(z.string()).describe("In words, the most important first."),
      }),
    )
    .describe("The last times it was read again, newest first."),
});
export type ConfigSummary = z.infer<typeof configSummarySchema>;

/** `GET /router/models`. */
export const modelsSchema = z.object({
  models: z.array(
    z.object({
      id: z.string().describe("The name clients use."),
      providers: z.array(
        z.object({
          provider: z.string(),
          model: z.string().describe("As it is sent."),
          prices: z
            .object({
              input: z.number(),
              output: z.number(),
              cached_read: z.number(),
              cache_write: z.number(),
              source: z.enum(["configured", "catalogue"]),
            })
            .nullable()
            .describe("In US$ for a million tokens; null when they are not known."),
        }),
      ),
      capabilities: z.array(z.string()).nullable().describe("Null: nobody knows."),
      context_window: z.number().nullable(),
    }),
  ),
});
export type Models = z.infer<typeof modelsSchema>;

/** `GET /router/status`: the router itself. */
export const statusSchema = z.object({
  version: z.string(),
  started_ms: z.number(),
  config_version: z.number(),
  in_flight: z.number(),
  store: z.object({
    state: z
      .enum(["ok", "indexing", "memory", "failed", "off"])
      .describe(
        "`indexing`: the log is read in; `memory`: nothing is written to disk, only what happened since the start is known; `failed`: see `problem`.",
      ),
    exchanges: z.number(),
    problem: z.string().nullable(),
  }),
  log: z.object({ path: z.string().nullable(), ok: z.boolean(), dropped: z.number(), problem: z.string().nullable() }),
  content: z.enum(["full", "redacted", "none"]).describe("What of prompts and answers is recorded."),
});
export type Status = z.infer<typeof statusSchema>;
