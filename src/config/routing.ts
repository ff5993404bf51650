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
  sticky: z
    .enum(["cache", "conversation", "off"])
    .default("cache")
    .describe(
      "Whether a conversation stays with its target while that is well: until leaving it saves more than its prompt cache is worth, always, or never.",
    ),
  rollback_on_errors: z
    .boolean()
    .default(false)
    .describe("Goes back to the config before when requests fail more often in the first minutes of a new one."),
});
