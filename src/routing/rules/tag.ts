import { z } from "zod";
import { defineRule } from "../define-rule.ts";
import { arrow, fixedTarget, provider, rewriteModel } from "../settings.ts";

/** What a classifier tagged goes to one provider. */
export const tag = defineRule({
  name: "tag",
  schema: z.strictObject({
    tag: z.string().min(1).describe("The tag a classifier must have set."),
    provider,
    rewrite_model: rewriteModel,
  }),
  providerPaths: [["provider"]],
  keepsPrompts: true,
  create: (settings) => ({
    type: "tag",
    label: `tag "${settings.tag}" ${arrow(settings.provider, settings.rewrite_model)}`,
    ...(settings.rewrite_model !== undefined && {
      rewrites: [{ providers: [settings.provider], model: settings.rewrite_model }],
    }),
    when: ({ tags }) => (tags.has(settings.tag) ? undefined : `not tagged ${settings.tag}`),
    candidates: (request, fleet) => fixedTarget(fleet, settings.provider, settings.rewrite_model ?? request.model),
  }),
});
