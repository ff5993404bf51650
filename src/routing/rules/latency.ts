import { z } from "zod";
import { comparing, providersWith, TIME_PATIENCE } from "../compare.ts";
import { defineRule } from "../define-rule.ts";
import { CONFIGURED, errorText, knownText } from "../numbers.ts";
import { listed, providers } from "../settings.ts";

/** The lowest latency; providers of which nobody knows one are out. */
export const latency = defineRule({
  name: "latency",
  schema: z.strictObject({
    providers,
    max_latency_ms: z.number().nonnegative().optional().describe("Slower ones are out; none left: pass."),
  }),
  providerPaths: [["providers", "*"]],
  create({ providers: names, max_latency_ms: ceiling = Number.POSITIVE_INFINITY }) {
    const limit = Number.isFinite(ceiling) ? ` up to ${ceiling} ms` : "";
    return {
      type: "latency",
      label: `latency${limit} → fastest to answer of ${listed(names)}`,
      ...comparing({
        targets: providersWith(names),
        patience: TIME_PATIENCE,
        mark({ provider, model }, { numbers = CONFIGURED }) {
          const known = numbers.latencyMs(provider, model);
          if (known === undefined) return { note: notKnown, unknown: true };
          const isIn = known.value <= ceiling;
          const failed = () => errorText(numbers.errorRate(provider, model));
          const note = () => `${knownText(known, "ms")}${failed()}${isIn ? "" : `: more than ${ceiling}`}`;
          return isIn ? { score: -known.value, note, measured: known.source === "measured" } : { note };
        },
      }),
    };
  },
});

function notKnown(): string {
  return "no latency_ms, and not measured";
}
