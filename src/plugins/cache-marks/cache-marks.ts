import { z } from "zod";
import { estimateTokens } from "../../core/estimate/estimate.ts";
import { definePlugin } from "../define.ts";
import { hasMarks, withMarks } from "./place-marks.ts";

/** Marks long prompts for Anthropic's cache, for clients that do not do so themselves. */
export const cacheMarks = definePlugin({
  name: "cache-marks",
  schema: z.strictObject({
    min_tokens: z
      .number()
      .int()
      .min(1)
      .default(1024)
      .describe("Only beginnings of a prompt that are so long, by estimate, are marked."),
    ttl: z
      .enum(["5m", "1h"])
      .default("5m")
      .describe("How long they are kept after they were last read: `5m` or `1h`, which costs more to write."),
  }),
  create: () => ({
    pre_request(exchange) {
      const { request, settings } = exchange;
      const { min_tokens: minTokens, ttl } = settings;
      if (hasMarks(request)) return "continue";
      let isLong: boolean | undefined;
      exchange.adapt({
        when({ dialect }) {
          if (dialect !== "anthropic") return false;
          isLong ??= estimateTokens(request, dialect) >= minTokens;
          return isLong;
        },
        // What is usual is not said.
        change: (changed) => withMarks(changed, minTokens, ttl === "5m" ? {} : { ttl }),
      });
      return "continue";
    },
  }),
});
