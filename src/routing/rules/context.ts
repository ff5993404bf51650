import { z } from "zod";
import { defineRule } from "../define-rule.ts";
import type { RoutingRequest, Target } from "../rule.ts";
import { listedTargets, namesOf, rewritesTo, targetsSchema } from "../settings.ts";

const ANSWER_TOKENS = 4096;

/** The first target whose context window holds the prompt. One whose window nobody knows is taken to hold it. */
export const context = defineRule({
  name: "context",
  schema: z.strictObject({
    targets: targetsSchema.describe("Where it may go, best first."),
    reserve_tokens: z
      .number()
      .int()
      .nonnegative()
      .default(ANSWER_TOKENS)
      .describe("Room the answer needs besides the prompt, whose tokens are estimated."),
  }),
  providerPaths: [["targets", "*", "provider"]],
  create: ({ targets, reserve_tokens: reserve }) => ({
    type: "context",
    label: `context → first that holds the prompt of ${namesOf(targets)}`,
    rewrites: rewritesTo(targets),
    *candidates(request, fleet) {
      const needed = (request.inputTokens ?? 0) + reserve;
      for (const target of listedTargets(fleet, targets, request.model))
        if (windowOf(target, request) >= needed) yield target;
    },
  }),
});

function windowOf({ provider, model }: Target, request: RoutingRequest): number {
  return request.modelInfo(provider, model)?.contextLength ?? Number.POSITIVE_INFINITY;
}
