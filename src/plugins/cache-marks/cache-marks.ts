import { z } from "zod";
import { definePlugin } from "../define.ts";

export const cacheMarks = definePlugin({
  name: "cache-marks",
  schema: z.strictObject({}),
  create: () => ({}),
});
