import { z } from "zod";
import { comparing, MONEY_PATIENCE, providersWith } from "../compare.ts";
import { defineRule } from "../define-rule.ts";
import { CONFIGURED, costText } from "../numbers.ts";
import { choosesAmongAll, listed, providers } from "../settings.ts";

/** The cheapest, by what this request is expected to cost. */
export const price = defineRule({
  name: "price",
  schema: z.strictObject({
    providers,
    max_cost_per_1m_tokens: z.number().nonnegative().optional().describe("Dearer ones are out; none left: pass."),
  }),
  providerPaths: [["providers", "*"]],
  resolvesAlways: (settings) => settings["max_cost_per_1m_tokens"] === undefined && choosesAmongAll(settings),
  create({ providers: names, max_cost_per_1m_tokens: ceiling = Number.POSITIVE_INFINITY }) {
    const limit = Number.isFinite(ceiling) ? ` up to ${ceiling}` : "";
    return {
      type: "price",
      label: `price${limit} → cheapest of ${listed(names)}`,
      ...comparing({
        patience: MONEY_PATIENCE,
        targets: providersWith(names),
        mark({ provider, model }, { numbers = CONFIGURED }) {
          const known = numbers.costPer1M(provider, model);
          const cost = known?.value ?? 0;
          const isIn = cost <= ceiling;
          const note = () => `${costText(known)}${isIn ? "" : `: more than ${ceiling}`}`;
          return isIn ? { score: -cost, note } : { note };
        },
      }),
    };
  },
});
