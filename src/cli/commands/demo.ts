import { defineCommand } from "../command.ts";
import { Refusal } from "../io.ts";

export const demoCommand = defineCommand({
  name: "demo",
  group: "watch",
  summary: "see routing, failover and cost with simulated providers, without any key",
  operands: [],
  options: {},
  examples: [["demo", "to be written"]],
  run: () => {
    throw new Refusal(1, "demo is being built");
  },
});
