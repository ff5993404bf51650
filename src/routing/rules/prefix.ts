import { z } from "zod";
import { defineRule } from "../define-rule.ts";
import { arrow, fixedTarget, provider, rewriteModel } from "../settings.ts";

/** Model names that start alike go to one provider. */
export const prefix = defineRule({
  name: "prefix",
  schema: z.strictObject({
    model_prefix: z.string().describe("How the model's name has to start."),
    provider,
    rewrite_model: rewriteModel,
  }),
  providerPaths: [["provider"]],
  create: (settings) => ({
    type: "prefix",
    label: `prefix "${settings.model_prefix}" ${arrow(settings.provider, settings.rewrite_model)}`,
    ...(settings.rewrite_model !== undefined && {
      rewrites: [{ providers: [settings.provider], model: settings.rewrite_model }],
    }),
    when: ({ model }) =>
      model.startsWith(settings.model_prefix) ? undefined : `the model does not begin with "${settings.model_prefix}"`,
    candidates: (request, fleet) => fixedTarget(fleet, settings.provider, settings.rewrite_model ?? request.model),
  }),
});
