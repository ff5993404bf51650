import { z } from "zod";
import { definePlugin } from "../define.ts";

export const web = definePlugin({
  name: "web",
  schema: z.strictObject({}),
  create: () => ({}),
});
