import { z } from "zod";

/** `[routing]`. */
export const routingSchema = z.strictObject({
  measured: z
    .boolean()
    .default(true)
    .describe("Rules go by what was measured lately, where enough was; else by the numbers of the config alone."),
  explore: z
    .number()
    .min(0)
    .max(1)
    .default(0.02)
    .describe(
      "Share of the requests of rules that go by measured numbers that are sent to another target, to know how it is.",
    ),
});
