import { defineCommand } from "../command.ts";

export const serviceCommand = defineCommand({
  name: "service",
  group: "set up",
  summary: "run the router whenever the machine runs",
  operands: [
    { name: "ACTION", choices: ["install", "uninstall", "status"] },
    { name: "CONFIG", optional: true, completes: "file" },
  ],
  options: {
    system: { type: "boolean", summary: "for the whole machine instead of for you; needs root" },
    "run-as": { type: "string", value: "USER", summary: "with --system: whom it runs as, else the config's owner" },
    print: { type: "boolean", summary: "print what install would write (the unit, the plist), and change nothing" },
  },
  notes: [
    "With systemd on Linux, with launchd on macOS. It runs what runs now, with CONFIG (config.toml unless named) and the\n.env beside it, where they are. Each file written and command run is printed.",
    "status ends with 0 when it runs, with 3 when not, with 4 when it is not installed.",
  ],
  examples: [
    ["service install", "start it now, and whenever you log in"],
    ["service status", "whether it runs and answers, and how to see its log"],
    ["service install /etc/router.toml --system --run-as llm", "run with sudo: for the whole machine"],
    ["service uninstall", "stop it and take it out; config and logs stay"],
  ],
  run: async ({ operands: [action = "", file], options: { system, print, "run-as": runAs } }, io) =>
    (await import("../service/service.ts")).service({ action, file, isMachine: system, isPrinted: print, runAs }, io),
});
