import { z } from "zod";
import { definePlugin } from "../define.ts";

export const responseHealing = definePlugin({
  name: "response-healing",
  schema: z.strictObject({}),
  create: () => ({}),
});
