import { defineCommand } from "../command.ts";
import { Refusal } from "../io.ts";

export const tuiCommand = defineCommand({
  name: "tui",
  group: "watch",
  summary: "watch a router in the terminal: live requests, statistics, chat",
  operands: [{ name: "URL", optional: true }],
  options: {},
  examples: [["tui", "to be written"]],
  run: () => {
    throw new Refusal(1, "tui is being built");
  },
});
