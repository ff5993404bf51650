import { defineCommand } from "../command.ts";
import { Refusal } from "../io.ts";
import { AGENT_NAMES } from "../launch/agent-names.ts";

export const launchCommand = defineCommand({
  name: "launch",
  group: "use",
  summary: "start a coding agent that uses the router",
  operands: [{ name: "AGENT", choices: AGENT_NAMES }],
  options: {},
  examples: [["launch", "to be written"]],
  run: () => {
    throw new Refusal(1, "launch is being built");
  },
});
