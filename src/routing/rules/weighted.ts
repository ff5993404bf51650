import { z } from "zod";
import { defineRule } from "../define-rule.ts";
import { rendezvous, wordOf } from "../rendezvous.ts";
import { fixedTarget, namesOf, rewritesTo, targetSchema } from "../settings.ts";

const share = targetSchema.extend({
  weight: z.number().positive().describe("Its share of the requests, against those of the others."),
});

/** Shares, for canaries and comparisons. */
export const weighted = defineRule({
  name: "weighted",
  schema: z.strictObject({
    targets: z.array(share).min(1).describe("Who shares the requests."),
    by: z
      .enum(["conversation", "request"])
      .default("conversation")
      .describe("What is drawn for: a conversation, which stays with its target, or each request anew."),
  }),
  providerPaths: [["targets", "*", "provider"]],
  create({ targets, by }) {
    const words = targets.map(({ provider, model }) => wordOf(JSON.stringify([provider, model])));
    const total = targets.reduce((sum, { weight }) => sum + weight, 0);
    const shares = targets.map((target) => `${Math.round((100 * target.weight) / total)} % ${namesOf([target])}`);
    return {
      type: "weighted",
      label: `weighted → ${shares.join(", ")}`,
      rewrites: rewritesTo(targets),
      candidates({ model: asked, client, random }, fleet) {
        const conversation = by === "conversation" ? client?.conversation : undefined;
        const drawn = targets.flatMap(({ provider, model, weight }, index) =>
          [...fixedTarget(fleet, provider, model ?? asked)].map((target) => {
            return { target, weight, word: words[index] ?? 0 };
          }),
        );
        return rendezvous(drawn, conversation, random);
      },
    };
  },
});
