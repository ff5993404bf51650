import { defineCommand } from "../command.ts";
import { ROUTER_OPTIONS } from "../router-options.ts";

export const watchCommand = defineCommand({
  name: "watch",
  group: "watch",
  summary: "print each request as it happens",
  operands: [{ name: "URL", optional: true }],
  options: {
    filter: { type: "string", value: "WORDS", summary: "only requests that match, as on the dashboard" },
    full: { type: "boolean", summary: "prompts and replies whole" },
    json: { type: "boolean", summary: "each event as one line of JSON, for other programs" },
    ...ROUTER_OPTIONS,
  },
  notes: [
    "URL is the router of the config.toml here unless named, or http://localhost:8090. The router needs `dashboard = true`\nunder [server], as it has without a config.",
    "WORDS are looked for anywhere; provider:, model:, tag:, agent:, key:, client:, rule:, session:\nand status: look at one thing, where * stands for any characters. status:error is whatever failed.",
  ],
  examples: [
    ["watch", "the router of the config.toml here"],
    ["watch --filter 'provider:claude status:error'", "what fails at one provider"],
    ["watch --json | jq -r 'select(.type == \"complete\").cost.usd'", "what each request costs"],
    ["watch http://gpu-box:8090 --key-env GPU_BOX_KEY", "another router, with its key"],
  ],
  run: async ({ operands: [url], options: { filter, full, json, ...options } }, io) => {
    const [{ watch }, { ownRouter }] = await Promise.all([import("../watch/watch.ts"), import("../which-router.ts")]);
    return watch({ router: await ownRouter(url, options["key-env"], io), filter, full, json }, io);
  },
});
