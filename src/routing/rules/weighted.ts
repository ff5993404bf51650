import { createHash } from "node:crypto";
import { z } from "zod";
import { defineRule } from "../define-rule.ts";
import { bestFirst } from "../order.ts";
import { fixedTarget, namesOf, rewritesTo, targetSchema } from "../settings.ts";

const share = targetSchema.extend({
  weight: z.number().positive().describe("Its share of the requests, against those of the others."),
});

/**
 * Shares, for canaries and comparisons. By weighted rendezvous hashing (the highest weight / -ln u wins, u drawn from
 * conversation and target): a conversation stays where it is, and when a share changes, only as many move as have to.
 */
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
    const total = targets.reduce((sum, { weight }) => sum + weight, 0);
    const shares = targets.map((target) => `${Math.round((100 * target.weight) / total)} % ${namesOf([target])}`);
    return {
      type: "weighted",
      label: `weighted → ${shares.join(", ")}`,
      rewrites: rewritesTo(targets),
      candidates({ model: asked, client, random }, fleet) {
        const conversation = by === "conversation" ? client?.conversation : undefined;
        const drawn = targets.flatMap(({ provider, model, weight }) =>
          [...fixedTarget(fleet, provider, model ?? asked)].map((target) => {
            const draw = conversation === undefined ? random() : drawOf(conversation, provider, model);
            return { target, score: weight / -Math.log(draw) };
          }),
        );
        return [...bestFirst(drawn, ({ score }) => score)].map(({ target }) => target);
      },
    };
  },
});

/** In (0, 1): the same for the same conversation and target. */
function drawOf(conversation: string, provider: string, model: string | undefined): number {
  const digest = createHash("sha256")
    .update(JSON.stringify([conversation, provider, model]))
    .digest();
  return (digest.readUIntBE(0, 6) + 0.5) / 2 ** 48;
}
