import { defineCommand } from "../command.ts";
import { Refusal } from "../io.ts";
import { AGENT_NAMES } from "../launch/agent-names.ts";

export const envCommand = defineCommand({
  name: "env",
  group: "use",
  summary: "print the variables that make a coding agent use the router",
  operands: [{ name: "AGENT", choices: AGENT_NAMES }],
  options: {},
  examples: [["env", "to be written"]],
  run: () => {
    throw new Refusal(1, "env is being built");
  },
});
