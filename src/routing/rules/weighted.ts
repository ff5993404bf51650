import { z } from "zod";
import { defineRule } from "../define-rule.ts";
import { rendezvous, wordOf } from "../rendezvous.ts";
import { fixedTarget, namesOf, rewritesTo, type TargetSettings, targetSchema } from "../settings.ts";

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
  create({ targets: listed, by }) {
    const targets = together(listed);
    const words = targets.map((target) => wordOf(nameOf(target)));
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

/** Of a target that stands there several times the weights are added up, where it stands first. */
function together(listed: readonly z.output<typeof share>[]): z.output<typeof share>[] {
  const all = new Map<string, z.output<typeof share>>();
  for (const one of listed) {
    const name = nameOf(one);
    all.set(name, { ...one, weight: one.weight + (all.get(name)?.weight ?? 0) });
  }
  return [...all.values()];
}

function nameOf({ provider, model }: TargetSettings): string {
  return JSON.stringify([provider, model]);
}
