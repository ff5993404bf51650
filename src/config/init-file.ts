import type { Json, JsonObject } from "../core/json.ts";
import type { Detected, DetectedTable } from "./detect.ts";

const HEAD = `# The router's config. Every key: docs/configuration.md; for completion in your editor:
#   opensourcellmrouter schema > config.schema.json
# and as the first line of this file:
#   #:schema ./config.schema.json
# Check it with: opensourcellmrouter check

[server]
host = "127.0.0.1"               # 0.0.0.0 accepts other machines; set api_key_env then
port = 8090
dashboard = true                 # http://localhost:8090/dashboard
# api_key_env = "ROUTER_API_KEY" # NAME of the variable with the key clients must present

[logging]
enabled = false                  # true: one JSON line per request, with prompts and answers
path = "logs/requests.jsonl"
`;

const TAIL = `
# Tags by words in the prompt, for rules of the type "tag".
# [classifiers.keyword]
# enabled = true
# [classifiers.keyword.tags]
# code = ["function", "compile", "stack trace"]
`;

/** The text of a config.toml for what was detected, with a word on each part. It passes the checker. */
export function configText(detected: Detected): string {
  return [
    HEAD,
    "# Who answers. Keys stay in the environment, or in a .env file beside this one: api_key_env holds a NAME.\n",
    ...detected.providers.map((provider) => tableText("providers", provider)),
    "# The chain: the first rule that resolves a request's model wins.\n",
    ...detected.rules.map((rule) => tableText("routers", rule)),
  ]
    .join("\n")
    .concat(TAIL);
}

function tableText(array: string, { table, why }: DetectedTable): string {
  return `# ${why}\n[[${array}]]\n${keysText(table)}`;
}

function keysText(table: JsonObject): string {
  return Object.entries(table)
    .map(([key, value]) => `${key} = ${valueText(value)}\n`)
    .join("");
}

/** JSON's strings, numbers and arrays of them are TOML's too. */
function valueText(value: Json | undefined): string {
  return JSON.stringify(value);
}
