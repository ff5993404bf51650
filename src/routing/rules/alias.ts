import { z } from "zod";
import { defineRule } from "../define-rule.ts";
import { listedTargets, namesOf, targetsSchema } from "../settings.ts";

/** One name that clients use for a list of targets: the first that is there is asked, the others when it fails. */
export const alias = defineRule({
  name: "alias",
  schema: z.strictObject({
    alias: z.string().min(1).describe("The model name clients use; upper and lower case differ."),
    targets: targetsSchema.describe("Where it goes, best first."),
  }),
  providerPaths: [["targets", "*", "provider"]],
  create: ({ alias: name, targets }) => ({
    type: "alias",
    label: `alias "${name}" → ${namesOf(targets)}`,
    rewrites: targets.map(({ provider, model = name }) => ({ providers: [provider], model: name, sent: model })),
    when: ({ model }) => (model === name ? undefined : `the model is not ${name}`),
    candidates: (_request, fleet) => listedTargets(fleet, targets, name),
  }),
});
