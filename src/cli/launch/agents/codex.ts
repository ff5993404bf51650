import { KEY_VARIABLE } from "../../which-router.ts";
import type { Agent, Given, Plan } from "../agent.ts";

/** Its name among Codex's providers: none that a user would have given one of his own. */
const PROVIDER = "opensourcellmrouter";

export const codex: Agent = {
  name: "codex",
  title: "Codex CLI",
  command: "codex",
  npm: "@openai/codex",
  ownModels: { pattern: /^(gpt-|codex|o\d)/i, example: "gpt-5.5" },
  needsModel: true,
  plan: ({ base, key, model }: Given): Plan => ({
    set: key === undefined ? {} : { [KEY_VARIABLE]: key },
    // Its own keys stay: it sends them to OpenAI's own service only.
    unset: [],
    args: settingsOf(base, key !== undefined, model).flatMap((setting) => ["-c", setting]),
  }),
};

/** As `config.toml` would say it; a user's own `-c`, `-m` and `--profile` come after these and win. */
function settingsOf(base: string, hasKey: boolean, model: Given["model"]): string[] {
  const provider = [
    `name=${quoted(PROVIDER)}`,
    `base_url=${quoted(`${base}/v1`)}`,
    `wire_api="responses"`,
    // It insists on the variable it is told of.
    ...(hasKey ? [`env_key=${quoted(KEY_VARIABLE)}`] : []),
  ];
  return [
    `model_provider=${quoted(PROVIDER)}`,
    `model_providers.${PROVIDER}={${provider.join(",")}}`,
    ...(model ? [`model=${quoted(model.name)}`] : []),
    ...(model?.contextWindow === undefined ? [] : [`model_context_window=${model.contextWindow}`]),
  ];
}

/** JSON's strings are strings of TOML. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
