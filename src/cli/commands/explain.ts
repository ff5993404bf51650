import { defineCommand } from "../command.ts";
import { clientNamed, EXPLAIN_CLIENTS } from "../explain/clients.ts";
import { ROUTER_OPTIONS } from "../router-options.ts";

export const explainCommand = defineCommand({
  name: "explain",
  group: "watch",
  summary: "where a request goes and why, or why a past one went where it did",
  operands: [{ name: "URL", optional: true }],
  options: {
    model: { type: "string", value: "MODEL", summary: "the model that is asked for" },
    prompt: { type: "string", value: "TEXT", summary: "what the user says" },
    body: { type: "string", value: "FILE", completes: "file", summary: "a whole request, as JSON; - reads it here" },
    client: {
      type: "string",
      value: "API",
      summary: "the API the request is of, instead of openai",
    },
    id: { type: "string", value: "ID", summary: "a past request, by its id or how that begins" },
    config: {
      type: "string",
      value: "FILE",
      completes: "file",
      summary: "decide by this config, without asking a router",
    },
    json: { type: "boolean", summary: "all of it as one JSON object, for other programs" },
    ...ROUTER_OPTIONS,
  },
  notes: [
    "Nothing is sent to a provider. The router that runs is asked, at URL or where the config.toml here\nsays; where none answers the config decides here, without what a running router has measured.",
    `API is one of ${EXPLAIN_CLIENTS.slice(0, 4).join(", ")},\n${EXPLAIN_CLIENTS.slice(4).join(", ")}.`,
    "A past request is decided again from its record: by the same config the same comes of it; by another\none it is told what would be decided now.",
  ],
  examples: [
    ["explain --model gpt-5 --prompt 'fix my code'", "where that would go"],
    ["explain --body request.json --client anthropic", "the same of a whole request"],
    ["explain --id 1f0c9a2e", "why a past request went where it did"],
    ["explain --id 1f0c9a2e --config new.toml", "and where it would go by new.toml"],
  ],
  run: async ({ operands: [url], options }, io) => {
    const { explain } = await import("../explain/explain.ts");
    return explain({ url, keyEnv: options["key-env"], ...options, client: clientNamed(options.client) }, io);
  },
});
