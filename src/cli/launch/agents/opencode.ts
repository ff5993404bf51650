import { isObject, type JsonObject, tryParseJson } from "../../../core/json.ts";
import { Refusal } from "../../io.ts";
import { KEY_VARIABLE } from "../../which-router.ts";
import { type Agent, type Given, type ListedModel, PLACEHOLDER_KEY, type Plan } from "../agent.ts";
import { answerTokens } from "../answer-tokens.ts";
import { withoutComments } from "../without-comments.ts";

const PROVIDER = "opensourcellmrouter";
const CONFIG = "OPENCODE_CONFIG_CONTENT";
/** The whole config is one variable, and a variable has at most 128 KiB. */
const MOST_MODELS = 300;

export const opencode: Agent = {
  name: "opencode",
  title: "OpenCode",
  command: "opencode",
  npm: "opencode-ai",
  ownModels: { pattern: /^(claude|gpt-)/i, example: "claude-sonnet-5" },
  needsModel: true,
  plan: (given: Given): Plan => ({
    // It lays this over the config files it finds.
    set: { [CONFIG]: JSON.stringify(configOf(given)), ...(given.key !== undefined && { [KEY_VARIABLE]: given.key }) },
    unset: [],
    args: [],
  }),
};

function configOf({ base, key, model, models, env }: Given): JsonObject {
  const before = userConfig(env[CONFIG]);
  const providers = isObject(before["provider"]) ? before["provider"] : {};
  const all = model && !models.some(({ name }) => name === model.name) ? [model, ...models] : models;
  return {
    ...before,
    // Also for titles: it would ask for a small model of its own choice.
    ...(model && { model: `${PROVIDER}/${model.name}`, small_model: `${PROVIDER}/${model.name}` }),
    provider: {
      ...providers,
      [PROVIDER]: {
        npm: "@ai-sdk/openai-compatible",
        name: "router",
        options: { baseURL: `${base}/v1`, apiKey: key === undefined ? PLACEHOLDER_KEY : `{env:${KEY_VARIABLE}}` },
        models: Object.fromEntries(all.slice(0, MOST_MODELS).map((one) => [one.name, entryOf(one)])),
      },
    },
  };
}

/** Without a word on pictures it would send none. */
function entryOf({ name, contextWindow, capabilities }: ListedModel): JsonObject {
  const can = (capability: string) => capabilities?.includes(capability) ?? true;
  return {
    name,
    tool_call: can("tools"),
    reasoning: can("thinking"),
    ...(can("vision") && { attachment: true, modalities: { input: ["text", "image"], output: ["text"] } }),
    ...(contextWindow !== undefined && { limit: { context: contextWindow, output: answerTokens(contextWindow) } }),
  };
}

/** What the user has in the variable himself. */
function userConfig(text: string | undefined): JsonObject {
  if (text === undefined || text.trim() === "") return {};
  const config = tryParseJson(withoutComments(text));
  if (isObject(config)) return config;
  throw new Refusal(2, `${CONFIG} is set, but is no JSON object: correct it, or unset it`);
}
