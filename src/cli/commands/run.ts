import { defineCommand } from "../command.ts";
import { portOf } from "../port.ts";
import { LOG_OPTIONS, logSettings } from "../program-log/options.ts";

/** Done when no command is named. */
export const runCommand = defineCommand({
  name: "run",
  group: "run",
  summary: "run the router; the word itself may be left out",
  operands: [{ name: "CONFIG", optional: true, completes: "file" }],
  options: {
    host: { type: "string", value: "HOST", summary: "address to listen on, instead of [server] host" },
    port: { type: "string", value: "PORT", summary: "port to listen on, instead of [server] port" },
    ...LOG_OPTIONS,
  },
  notes: ["CONFIG is config.toml unless named. Without one it serves the keys and local model servers it finds."],
  examples: [
    ["", "run with config.toml, or with what is found on this machine"],
    ["my.toml --port 9000", "run with another config, on another port"],
    ["--log-format json --log-level debug", "for programs that read logs, and to find a fault"],
  ],
  run: async ({ operands: [file], options }, io) => {
    const { host, port } = options;
    const log = logSettings(options, io);
    return (await import("../run.ts")).run({ file, host, port: portOf(port), log }, io);
  },
});
