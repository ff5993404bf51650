import { z } from "zod";
import { comparing } from "../compare.ts";
import { defineRule } from "../define-rule.ts";
import { CONFIGURED, knownText } from "../numbers.ts";
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
        names,
        mark(provider, model, { numbers = CONFIGURED }) {
          const known = numbers.latencyMs(provider, model);
          if (known === undefined) return { note: "no latency_ms, and not measured", unknown: true };
          const measured = known.source === "measured";
          const note = knownText(known, "ms");
          return known.value <= ceiling
            ? { score: -known.value, note, measured }
            : { note: `${note}: more than ${ceiling}` };
        },
      }),
    };
  },
});
