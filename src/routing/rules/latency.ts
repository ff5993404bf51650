import { z } from "zod";
import { defineRule } from "../define-rule.ts";
import { listed, providers, rankedTargets } from "../settings.ts";

/** The lowest latency; providers nobody gave one are out. */
export const latency = defineRule({
  name: "latency",
  schema: z.strictObject({
    providers,
    max_latency_ms: z.number().nonnegative().optional().describe("Slower ones are out; none left: pass."),
  }),
  providerPaths: [["providers", "*"]],
  create({ providers: names, max_latency_ms: ceiling = Number.MAX_VALUE }) {
    const limit = ceiling === Number.MAX_VALUE ? "" : ` up to ${ceiling} ms`;
    return {
      type: "latency",
      label: `latency${limit} → fastest to answer of ${listed(names)}`,
      candidates(request, fleet) {
        const quick = fleet.among(names).filter(({ config }) => (config.latency_ms ?? Infinity) <= ceiling);
        return rankedTargets(quick, ({ config }) => -(config.latency_ms ?? Infinity), request.model);
      },
    };
  },
});
