import { defineCommand } from "../command.ts";
import { AGENT_NAMES } from "../launch/agent-names.ts";
import { ROUTER_OPTIONS } from "../router-options.ts";

export const launchCommand = defineCommand({
  name: "launch",
  group: "use",
  summary: "start a coding agent that uses the router",
  operands: [{ name: "AGENT", choices: AGENT_NAMES }],
  options: {
    url: {
      type: "string",
      value: "HOST:PORT",
      summary: "the router, instead of that of config.toml here, or port 8090",
    },
    model: { type: "string", value: "NAME", summary: "the model it asks for" },
    ...ROUTER_OPTIONS,
  },
  rest: "arguments for the agent, as they are",
  notes: [
    "The agent runs in this terminal as if you had started it, with the variables and options it needs\nto use the router. None of its own files is changed.",
    "Where no router answers and --url is not given, one is started in the background, with the\nconfig.toml here or with what is found on this machine.",
    "Without --model an agent asks for its own default if the router serves that, else for one of the\nmodels the router lists.",
  ],
  examples: [
    ["launch claude", "Claude Code"],
    ["launch codex --model qwen3-coder:30b", "Codex CLI, with a model of the router's"],
    ["launch opencode --url 192.168.1.5:8090", "a router on another machine"],
    ['launch claude -- -p "What is this?"', "with arguments of its own"],
  ],
  run: async ({ operands: [name], options: { url, model, "key-env": keyVariable }, rest }, io) => {
    const { launch } = await import("../launch/launch.ts");
    const known = AGENT_NAMES.find((one) => one === name) ?? "claude";
    return launch({ name: known, url, keyVariable, model, args: rest }, io);
  },
});
