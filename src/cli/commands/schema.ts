import { defineCommand } from "../command.ts";

export const schemaCommand = defineCommand({
  name: "schema",
  group: "set up",
  summary: "print the JSON Schema of the config, for editors",
  operands: [],
  options: {},
  examples: [["schema > config.schema.json", "write it to a file"]],
  run: async (_call, io) => (await import("../schema.ts")).schema(io),
});
