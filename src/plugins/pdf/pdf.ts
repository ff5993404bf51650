import { z } from "zod";
import { definePlugin } from "../define.ts";

export const pdf = definePlugin({
  name: "pdf",
  schema: z.strictObject({}),
  create: () => ({}),
});
