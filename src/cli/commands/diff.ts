import { defineCommand } from "../command.ts";

export const diffCommand = defineCommand({
  name: "diff",
  group: "set up",
  summary: "say in words what changes from one config to another",
  operands: [
    { name: "OLD", completes: "file" },
    { name: "NEW", optional: true, completes: "file" },
  ],
  options: { json: { type: "boolean", summary: "print JSON" } },
  notes: [
    "Rules are told apart by what they say, not by their numbers: moved, edited, new and gone ones. What follows comes first:\na rule no request can reach, prompts that a rule kept and does not any more, a provider whose key is missing.",
    "Exit code 0: nothing that counts is different; 1: something is; 2: one of them is no config.",
  ],
  examples: [
    ["diff config.toml new.toml", "before new.toml takes its place"],
    ["diff old.toml config.toml", 'after "git show HEAD:config.toml > old.toml"'],
    ["diff --json old.toml new.toml | jq -r '.changes[].text'", "for programs"],
  ],
  run: async ({ operands: [old, now], options: { json } }, io) =>
    (await import("../diff.ts")).diff(old, now, { json }, io),
});
