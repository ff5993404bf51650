import { z } from "zod";
import { whenSchema } from "../../config/conditions.ts";
import { defineRule, type RuleKind } from "../define-rule.ts";
import { arrow, fixedTarget, provider, rewriteModel } from "../settings.ts";
import { conditionOf, described } from "./condition.ts";

/** A rule that sends what its conditions describe to one provider. `conditions`: the part of `whenSchema` that it takes, and needs. */
export function conditionalRule(
  name: string,
  conditions: z.ZodObject,
  more: { keepsPrompts?: boolean } = {},
): RuleKind {
  const keys = Object.keys(conditions.shape);
  return defineRule({
    name,
    schema: z.strictObject({ ...conditions.shape, provider, rewrite_model: rewriteModel }),
    providerPaths: [["provider"]],
    ...more,
    check: (settings) =>
      keys.some((key) => settings[key] !== undefined)
        ? []
        : [{ path: [], severity: "error", message: `says nothing of the requests it is for: ${keys.join(", ")}` }],
    create({ provider: to, rewrite_model: model, ...rest }) {
      const when = whenSchema.parse(rest);
      return {
        type: name,
        label: `${name} ${described(when)} ${arrow(to, model)}`,
        ...(model !== undefined && { rewrites: [{ providers: [to], model }] }),
        when: conditionOf(when),
        candidates: (request, fleet) => fixedTarget(fleet, to, model ?? request.model),
      };
    },
  });
}
