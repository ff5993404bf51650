import { z } from "zod";
import { definePlugin } from "../define.ts";

export const paretoRouter = definePlugin({
  name: "pareto-router",
  schema: z.strictObject({
    default_tier: z.string().min(1).default("medium").describe("The tier of requests that pick none."),
    tiers: z
      .record(z.string().min(1), z.array(z.string().min(1)))
      .default({})
      .describe("Tier = providers; the first that is there is used."),
  }),
  providerPaths: [["tiers", "*", "*"]],
  create: () => ({}),
});
