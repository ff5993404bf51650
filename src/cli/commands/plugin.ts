import { defineCommand } from "../command.ts";
import { Refusal } from "../io.ts";
import { OTHER_MODULES } from "../modules/kind-names.ts";

export const pluginCommand = defineCommand({
  name: "plugin",
  group: "set up",
  summary: "write plugins/NAME.ts and its test, a plugin of your own to begin with",
  operands: [{ name: "ACTION", choices: ["new"] }, { name: "NAME" }],
  options: {
    classifier: { type: "boolean", summary: "a classifier instead" },
    "response-classifier": { type: "boolean", summary: "a classifier of answers instead" },
    rule: { type: "boolean", summary: "a routing rule instead" },
  },
  examples: [
    ["plugin new greet", "write plugins/greet.ts"],
    ["plugin new night --rule", "write a routing rule"],
  ],
  run: async ({ operands: [, name = ""], options }, io) => {
    const [first, second] = OTHER_MODULES.filter((kind) => options[kind]);
    if (second !== undefined) throw new Refusal(2, `--${first} and --${second}: it can only be one of them`);
    return (await import("../plugin-new.ts")).pluginNew(name, first ?? "plugin", io);
  },
});
