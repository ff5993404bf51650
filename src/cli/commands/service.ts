import { defineCommand } from "../command.ts";
import { Refusal } from "../io.ts";

export const serviceCommand = defineCommand({
  name: "service",
  group: "set up",
  summary: "run the router whenever the machine runs",
  operands: [
    { name: "ACTION", choices: ["install", "uninstall", "status"] },
    { name: "CONFIG", optional: true, completes: "file" },
  ],
  options: {},
  examples: [["service", "to be written"]],
  run: () => {
    throw new Refusal(1, "service is being built");
  },
});
