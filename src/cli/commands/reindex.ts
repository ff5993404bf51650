import { defineCommand } from "../command.ts";

export const reindexCommand = defineCommand({
  name: "reindex",
  group: "set up",
  summary: "make the index of the log anew; a router may run meanwhile",
  operands: [{ name: "CONFIG", optional: true, completes: "file" }],
  options: {},
  examples: [["reindex", "for the log of config.toml"]],
  run: async ({ operands: [file] }, io) => (await import("../reindex.ts")).reindex(file, io),
});
