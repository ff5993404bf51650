import { z } from "zod";
import { definePlugin } from "../define.ts";

export const systemPrompt = definePlugin({
  name: "system-prompt",
  schema: z.strictObject({}),
  create: () => ({}),
});
