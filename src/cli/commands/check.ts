import { defineCommand } from "../command.ts";

export const checkCommand = defineCommand({
  name: "check",
  group: "set up",
  summary: "only check the config: every problem, with line and column",
  operands: [{ name: "CONFIG", optional: true, completes: "file" }],
  options: {},
  examples: [["check", "check config.toml"]],
  run: async ({ operands: [file] }, io) => (await import("../check.ts")).check(file, io),
});
