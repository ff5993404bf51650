import { z } from "zod";
import { defineRule } from "../define-rule.ts";
import { fixedTarget, provider } from "../settings.ts";

/** A provider gets the models it reported. */
export const discover = defineRule({
  name: "discover",
  schema: z.strictObject({ provider }),
  providerPaths: [["provider"]],
  create: (settings) => ({
    type: "discover",
    label: `discover → ${settings.provider} for the models it has`,
    candidates(request, fleet) {
      const found = fleet.get(settings.provider);
      if (found === undefined || request.modelInfo(found, request.model) === undefined) return [];
      return fixedTarget(fleet, settings.provider, request.model);
    },
  }),
});
