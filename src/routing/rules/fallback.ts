import { z } from "zod";
import { defineRule } from "../define-rule.ts";
import { arrow, choosesAmongAll, listed, providers, rankedTargets, rewriteModel } from "../settings.ts";

/** The best by your own marks, quality weighed against price: the usual end of a chain. */
export const fallback = defineRule({
  name: "fallback",
  schema: z.strictObject({
    providers,
    quality_bias: z.number().default(0.5).describe("1: only quality counts; 0: only price."),
    rewrite_model: rewriteModel,
  }),
  providerPaths: [["providers", "*"]],
  // With a model of its own it passes on what that model cannot do, so rules after it may be meant.
  resolvesAlways: (settings) => settings["rewrite_model"] === undefined && choosesAmongAll(settings),
  create({ providers: names, quality_bias: bias, rewrite_model: model }) {
    return {
      type: "fallback",
      label: `fallback ${arrow(`best of ${listed(names)}`, model)}`,
      ...(model !== undefined && { rewrites: [{ providers: names ?? [], model }] }),
      candidates: (request, fleet) =>
        rankedTargets(
          fleet.among(names),
          ({ config }) => bias * config.quality - (1 - bias) * (config.cost_per_1m_tokens ?? 0),
          model ?? request.model,
        ),
    };
  },
});
