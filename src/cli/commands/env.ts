import { defineCommand } from "../command.ts";
import { AGENT_NAMES, SDK_NAMES } from "../launch/agent-names.ts";
import { SHELLS } from "../launch/shell.ts";
import { ROUTER_OPTIONS } from "../router-options.ts";

const NAMES = [...AGENT_NAMES, ...SDK_NAMES] as const;

export const envCommand = defineCommand({
  name: "env",
  group: "use",
  summary: "print the variables that make an agent or an SDK use the router",
  operands: [{ name: "AGENT", choices: NAMES }],
  options: {
    url: {
      type: "string",
      value: "HOST:PORT",
      summary: "the router, instead of that of config.toml here, or port 8090",
    },
    model: { type: "string", value: "NAME", summary: "the model the agent asks for" },
    shell: { type: "string", value: "SHELL", choices: SHELLS, summary: "whose language, instead of that of $SHELL" },
    json: { type: "boolean", summary: "as JSON" },
    ...ROUTER_OPTIONS,
  },
  notes: [
    "They are what launch sets, for a shell to read. What no variable can say is told on standard error\nas a command line. The router's key is among them, where it has one.",
  ],
  examples: [
    ["env claude", "what Claude Code needs"],
    ["env openai --json", "for programs that use OpenAI's SDK"],
    ["env gemini --shell fish | source", 'into the shell: eval "$(…)" in bash and zsh'],
  ],
  run: async ({ operands: [name], options: { url, model, shell, json, "key-env": keyVariable } }, io) => {
    const { printEnv } = await import("../launch/env.ts");
    return printEnv({ name: NAMES.find((one) => one === name) ?? "claude", url, keyVariable, model, shell, json }, io);
  },
});
