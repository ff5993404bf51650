import { defineCommand } from "../command.ts";
import { Refusal } from "../io.ts";

export const watchCommand = defineCommand({
  name: "watch",
  group: "watch",
  summary: "print each request as it happens",
  operands: [{ name: "URL", optional: true }],
  options: {},
  examples: [["watch", "to be written"]],
  run: () => {
    throw new Refusal(1, "watch is being built");
  },
});
