import { defineCommand } from "../command.ts";
import { portOf } from "../port.ts";

/** Done when no command is named. */
export const runCommand = defineCommand({
  name: "run",
  group: "run",
  summary: "run the router; the word itself may be left out",
  operands: [{ name: "CONFIG", optional: true, completes: "file" }],
  options: {
    host: { type: "string", value: "HOST", summary: "address to listen on, instead of [server] host" },
    port: { type: "string", value: "PORT", summary: "port to listen on, instead of [server] port" },
  },
  notes: ["CONFIG is config.toml unless named. Without one it serves the keys and local model servers it finds."],
  examples: [
    ["", "run with config.toml, or with what is found on this machine"],
    ["my.toml --port 9000", "run with another config, on another port"],
  ],
  run: async ({ operands: [file], options: { host, port } }, io) =>
    (await import("../run.ts")).run({ file, host, port: portOf(port) }, io),
});
