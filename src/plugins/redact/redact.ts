import { z } from "zod";
import { definePlugin } from "../define.ts";

export const redact = definePlugin({
  name: "redact",
  schema: z.strictObject({}),
  create: () => ({}),
});
