import { z } from "zod";
import { defineClassifier, type ResponseClassifier } from "../classifier.ts";

/** Tags an answer that was cut short by a limit: of its own length, or of the model's context. */
export const truncated = defineClassifier({
  name: "truncated",
  schema: z.strictObject({}),
  create: (): ResponseClassifier => ({
    id: "truncated",
    classify: ({ finish: { reason } }) => (reason === "length" || reason === "context" ? ["truncated"] : []),
  }),
});
