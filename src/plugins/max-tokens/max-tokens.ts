import { z } from "zod";
import { definePlugin } from "../define.ts";

export const maxTokens = definePlugin({
  name: "max-tokens",
  schema: z.strictObject({}),
  create: () => ({}),
});
