import { z } from "zod";
import { defineRule } from "../define-rule.ts";
import { listed, providers, rankedTargets } from "../settings.ts";

/** The highest throughput; providers nobody gave one are out. */
export const throughput = defineRule({
  name: "throughput",
  schema: z.strictObject({
    providers,
    min_tokens_per_sec: z.number().nonnegative().optional().describe("Slower ones are out; none left: pass."),
  }),
  providerPaths: [["providers", "*"]],
  create({ providers: names, min_tokens_per_sec: floor = 0 }) {
    const limit = floor === 0 ? "" : ` from ${floor} tokens/s`;
    return {
      type: "throughput",
      label: `throughput${limit} → fastest writer of ${listed(names)}`,
      candidates(request, fleet) {
        const fast = fleet.among(names).filter(({ config }) => (config.throughput_tokens_per_sec ?? -1) >= floor);
        return rankedTargets(fast, ({ config }) => config.throughput_tokens_per_sec ?? -1, request.model);
      },
    };
  },
});
