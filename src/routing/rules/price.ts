import { z } from "zod";
import { defineRule } from "../define-rule.ts";
import { choosesAmongAll, listed, providers, rankedTargets } from "../settings.ts";

/** The cheapest. */
export const price = defineRule({
  name: "price",
  schema: z.strictObject({
    providers,
    max_cost_per_1m_tokens: z.number().nonnegative().optional().describe("Dearer ones are out; none left: pass."),
  }),
  providerPaths: [["providers", "*"]],
  resolvesAlways: (settings) => settings["max_cost_per_1m_tokens"] === undefined && choosesAmongAll(settings),
  create({ providers: names, max_cost_per_1m_tokens: ceiling = Number.POSITIVE_INFINITY }) {
    const limit = ceiling === Number.POSITIVE_INFINITY ? "" : ` up to ${ceiling}`;
    return {
      type: "price",
      label: `price${limit} → cheapest of ${listed(names)}`,
      candidates(request, fleet) {
        const affordable = fleet.among(names).filter(({ config }) => (config.cost_per_1m_tokens ?? 0) <= ceiling);
        return rankedTargets(affordable, ({ config }) => -(config.cost_per_1m_tokens ?? 0), request.model);
      },
    };
  },
});
