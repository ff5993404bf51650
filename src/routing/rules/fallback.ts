import { z } from "zod";
import { comparing, MONEY_PATIENCE, providersWith } from "../compare.ts";
import { defineRule } from "../define-rule.ts";
import { CONFIGURED, costText, errorStep, errorText } from "../numbers.ts";
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
  create({ providers: names, quality_bias: bias, rewrite_model }) {
    return {
      type: "fallback",
      label: `fallback ${arrow(`best of ${listed(names)}`, rewrite_model)}`,
      ...(rewrite_model !== undefined && { rewrites: [{ providers: names ?? [], model: rewrite_model }] }),
      ...comparing({
        patience: MONEY_PATIENCE,
        targets: providersWith(names, rewrite_model),
        mark({ provider, model }, { numbers = CONFIGURED }) {
          const { quality } = provider.config;
          const known = numbers.costPer1M(provider, model);
          const errors = numbers.errorRate(provider, model);
          // A mark below 0 gets no better by it.
          const worth = quality - Math.abs(quality) * errorStep(errors);
          const note = () => `quality ${quality}${errorText(errors)}, ${costText(known)}`;
          return { score: bias * worth - (1 - bias) * (known?.value ?? 0), note };
        },
      }),
    };
  },
});
