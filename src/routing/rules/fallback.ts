import { z } from "zod";
import { comparing, providersWith } from "../compare.ts";
import { defineRule } from "../define-rule.ts";
import { arrow, choosesAmongAll, listed, providers, rewriteModel } from "../settings.ts";

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
      ...comparing({
        targets: providersWith(names, model),
        mark({ provider: { config } }) {
          const { quality, cost_per_1m_tokens: cost = 0 } = config;
          const note = () => `quality ${quality}, ${cost} for 1M tokens`;
          return { score: bias * quality - (1 - bias) * cost, note };
        },
      }),
    };
  },
});
