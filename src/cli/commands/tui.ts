import { defineCommand } from "../command.ts";
import { ROUTER_OPTIONS } from "../router-options.ts";

export const tuiCommand = defineCommand({
  name: "tui",
  group: "watch",
  summary: "terminal UI: live requests, statistics, chat",
  operands: [{ name: "URL", optional: true }],
  options: {
    ...ROUTER_OPTIONS,
    model: {
      type: "string",
      value: "NAME",
      summary: "whom the chat asks, instead of the first model the router lists",
    },
  },
  notes: [
    "URL is the router of the config.toml here unless named, or http://localhost:8090. The router needs `dashboard = true`\nunder [server], as it has without a config.",
    "Keys: ? shows them all, q quits. NO_COLOR turns colours off. Without a terminal use `watch`.",
  ],
  examples: [
    ["tui", "the router of the config.toml here"],
    ["tui http://gpu-box:8090 --key-env GPU_BOX_KEY", "another one, with its key"],
  ],
  run: async ({ operands: [url], options }, io) => {
    const { whichRouter } = await import("../which-router.ts");
    const { base, key } = await whichRouter(url, options["key-env"], io, "owner");
    const { openTui } = await import("../tui/open-tui.ts");
    return openTui({ base, key, ...(options.model !== undefined && { model: options.model }) }, io);
  },
});
