import { defineCommand } from "../command.ts";
import { Refusal } from "../io.ts";

export const doctorCommand = defineCommand({
  name: "doctor",
  group: "set up",
  summary: "find out what is wrong: config, keys, providers, machine",
  operands: [{ name: "CONFIG", optional: true, completes: "file" }],
  options: {},
  examples: [["doctor", "to be written"]],
  run: () => {
    throw new Refusal(1, "doctor is being built");
  },
});
