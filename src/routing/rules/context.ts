import { z } from "zod";
import { defineRule } from "../define-rule.ts";
import { holdsPrompt, listedTargets, namesOf, reserveTokens, rewritesTo, targetsSchema } from "../settings.ts";

/** The first target whose context window holds the prompt. One whose window nobody knows is taken to hold it. */
export const context = defineRule({
  name: "context",
  schema: z.strictObject({
    targets: targetsSchema.describe("Where it may go, best first."),
    reserve_tokens: reserveTokens,
  }),
  providerPaths: [["targets", "*", "provider"]],
  create: ({ targets, reserve_tokens: reserve }) => ({
    type: "context",
    label: `context → first that holds the prompt of ${namesOf(targets)}`,
    rewrites: rewritesTo(targets),
    *candidates(request, fleet) {
      for (const target of listedTargets(fleet, targets, request.model))
        if (holdsPrompt(target, request, reserve)) yield target;
    },
  }),
});
