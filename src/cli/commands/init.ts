import { defineCommand } from "../command.ts";

export const initCommand = defineCommand({
  name: "init",
  group: "set up",
  summary: "write a commented config.toml for what is found; never overwrites",
  operands: [{ name: "FILE", optional: true, completes: "file" }],
  options: {},
  examples: [["init", "write config.toml"]],
  run: async ({ operands: [file] }, io) => (await import("../init.ts")).init(file, io),
});
