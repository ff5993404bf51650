import { z } from "zod";
import { comparing, providersWith, TIME_PATIENCE } from "../compare.ts";
import { defineRule } from "../define-rule.ts";
import { CONFIGURED, errorText, knownText } from "../numbers.ts";
import { listed, providers } from "../settings.ts";

/** The highest throughput; providers of which nobody knows one are out. */
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
      ...comparing({
        targets: providersWith(names),
        patience: TIME_PATIENCE,
        mark({ provider, model }, { numbers = CONFIGURED }) {
          const known = numbers.tokensPerSec(provider, model);
          if (known === undefined) return { note: notKnown, unknown: true };
          const isIn = known.value >= floor;
          const failed = () => errorText(numbers.errorRate(provider, model));
          const note = () => `${knownText(known, "tokens/s")}${failed()}${isIn ? "" : `: fewer than ${floor}`}`;
          return isIn ? { score: known.value, note, measured: known.source === "measured" } : { note };
        },
      }),
    };
  },
});

function notKnown(): string {
  return "no throughput_tokens_per_sec, and not measured";
}
